import type { PictureTexts } from '../keys';

/** German texts about pictures in a conversation (with "Sie"). */
export const picturesDe: PictureTexts = {
  'picture.byYou': 'Ihr Bild: {file}',
  'picture.by': '{name}, Bild: {file}',
  'picture.enlarge': 'Vergrößern',
  'picture.sending': '{file} wird gesendet',
  'picture.stop': 'Senden abbrechen',
  'picture.gone': 'Dieses Bild ist nicht mehr verfügbar.',
  'picture.notLoaded': 'Das Bild konnte nicht geladen werden.',
  'picture.tooLarge': 'Dieses Bild ist zu groß. Bitte verkleinern Sie es und senden Sie es noch einmal.',
  'picture.heic':
    'HEIC-Bilder können wir nicht öffnen. Wählen Sie auf dem iPhone Einstellungen → Kamera → Formate → Maximale Kompatibilität oder senden Sie dieses Bild als JPEG.',
  'picture.avif': 'AVIF-Bilder können wir nicht öffnen. Bitte speichern Sie es als JPEG oder PNG und senden Sie es noch einmal.',
  'picture.notAPicture': 'Das sieht nicht nach einem Bild aus. Bitte senden Sie eine Datei als JPEG, PNG, GIF oder WebP.',
  'picture.empty': 'Diese Datei ist leer. Bitte wählen Sie das Bild noch einmal aus.',
  'picture.tooManyPixels': 'Dieses Bild hat zu viele Pixel. Bitte verkleinern Sie es und senden Sie es noch einmal.',
  'picture.tooManyFrames': 'Diese Animation ist zu lang. Bitte senden Sie eine kürzere oder ein einzelnes Bild.',
  'picture.damaged': 'Wir können dieses Bild nicht lesen, die Datei ist wohl beschädigt. Bitte senden Sie ein anderes.',
  'picture.infected': 'Unser Scanner hält diese Datei für gefährlich, deshalb haben wir sie nicht angenommen. Bitte senden Sie ein anderes Bild.',
  'picture.full': 'In dieses Gespräch passen keine weiteren Bilder. Schreiben Sie uns, dann finden wir einen anderen Weg.',
  'picture.tooSlow': 'Das Senden hat zu lange gedauert. Bitte versuchen Sie es noch einmal, am besten mit besserem Empfang.',
  'picture.later': 'Wir können das Bild gerade nicht annehmen. Bitte versuchen Sie es gleich noch einmal.',
  'picture.refused': 'Dieses Bild konnte nicht gesendet werden. Bitte versuchen Sie es mit einem anderen.',
};
