/** Polish texts about pictures in a conversation. */
export const picturesPl = {
  'picture.byYou': 'Twoje zdjęcie: {file}',
  'picture.by': '{name}, zdjęcie: {file}',
  'picture.enlarge': 'Powiększ',
  'picture.sending': 'Wysyłanie: {file}',
  'picture.stop': 'Przerwij wysyłanie',
  'picture.gone': 'To zdjęcie nie jest już dostępne.',
  'picture.notLoaded': 'Nie udało się wczytać zdjęcia.',
  'picture.tooLarge': 'To zdjęcie jest za duże. Zmniejsz je i wyślij jeszcze raz.',
  'picture.heic':
    'Zdjęć HEIC nie potrafimy otworzyć. Na iPhonie wybierz Ustawienia → Aparat → Formaty → Najbardziej zgodny albo wyślij to zdjęcie jako JPEG.',
  'picture.avif': 'Zdjęć AVIF nie potrafimy otworzyć. Zapisz je jako JPEG lub PNG i wyślij jeszcze raz.',
  'picture.notAPicture': 'To nie wygląda na zdjęcie. Wyślij plik JPEG, PNG, GIF lub WebP.',
  'picture.empty': 'Ten plik jest pusty. Wybierz zdjęcie jeszcze raz.',
  'picture.tooManyPixels': 'To zdjęcie ma za dużo pikseli. Zmniejsz je i wyślij jeszcze raz.',
  'picture.tooManyFrames': 'Ta animacja jest za długa. Wyślij krótszą albo zwykłe zdjęcie.',
  'picture.damaged': 'Nie możemy odczytać tego zdjęcia, plik jest chyba uszkodzony. Wyślij inne.',
  'picture.infected': 'Nasz skaner uznał ten plik za niebezpieczny, więc go nie przyjęliśmy. Wyślij inne zdjęcie.',
  'picture.full': 'W tej rozmowie nie zmieści się więcej zdjęć. Napisz, a ustalimy inny sposób.',
  'picture.tooSlow': 'Wysyłanie trwało zbyt długo. Spróbuj ponownie, najlepiej przy lepszym zasięgu.',
  'picture.later': 'Nie możemy teraz przyjąć zdjęcia. Spróbuj ponownie za chwilę.',
  'picture.refused': 'Nie udało się wysłać tego zdjęcia. Spróbuj z innym.',
} as const;
