import type { PictureTexts } from '../keys';

/** English texts about pictures in a conversation. */
export const picturesEn: PictureTexts = {
  'picture.byYou': 'Picture sent by you: {file}',
  'picture.by': 'Picture from {name}: {file}',
  'picture.enlarge': 'Enlarge',
  'picture.sending': 'Sending {file}',
  'picture.stop': 'Stop sending',
  'picture.gone': 'This picture is no longer available.',
  'picture.notLoaded': 'The picture could not be loaded.',
  'picture.tooLarge': 'This picture is too large. Please make it smaller and send it again.',
  'picture.heic':
    'We cannot open HEIC pictures. On an iPhone, choose Settings → Camera → Formats → Most Compatible, or send this one as a JPEG.',
  'picture.avif': 'We cannot open AVIF pictures. Please save it as JPEG or PNG and send it again.',
  'picture.notAPicture': 'This does not look like a picture. Please send a JPEG, PNG, GIF or WebP file.',
  'picture.empty': 'This file is empty. Please choose the picture again.',
  'picture.tooManyPixels': 'This picture has too many pixels. Please make it smaller and send it again.',
  'picture.tooManyFrames': 'This animation is too long. Please send a shorter one, or a still picture.',
  'picture.damaged': 'We cannot read this picture; the file seems to be damaged. Please send another one.',
  'picture.infected': 'Our scanner thinks this file is dangerous, so we did not take it. Please send another picture.',
  'picture.full': 'No more pictures fit into this conversation. Write to us and we will find another way.',
  'picture.tooSlow': 'Sending took too long. Please try again, ideally with better reception.',
  'picture.later': 'We cannot take the picture right now. Please try again in a moment.',
  'picture.refused': 'This picture could not be sent. Please try another one.',
};
