import { ChatPage, expect, test } from './support/fixtures';

/** A quote, a contact with consent, and a person, as one visitor goes through them. */
const VISITS = [
  {
    lang: 'pl',
    ask: 'Poproszę o wycenę mieszkania',
    area: { question: /metraż/, reply: '60 m2' },
    quote: /56\s940\s–\s119\s400\szł/,
    yes: 'Tak',
    name: { question: /imię/, reply: 'Ewa Zielińska' },
    contact: { question: /numer telefonu/, reply: '501 502 503' },
    agree: 'Zgadzam się',
    consent: /Zgadzam się, aby firma/,
    done: /dane są u zespołu/,
    human: 'chcę rozmawiać z człowiekiem',
    handed: /Zespół dostał powiadomienie|Teraz nikogo nie ma/,
  },
  {
    lang: 'en',
    ask: "I'd like a quote for my flat",
    area: { question: /How big/, reply: '60 sqm' },
    quote: /PLN\s56,940–119,400/,
    yes: 'Yes, please',
    name: { question: /name/, reply: 'John Smith' },
    contact: { question: /phone number/, reply: 'john.smith@example.com' },
    agree: 'I agree',
    consent: /I agree that/,
    done: /our team has your details/,
    human: 'I want to talk to a human',
    handed: /Our team has been notified|Nobody is at the chat/,
  },
  {
    lang: 'de',
    ask: 'Ich hätte gern ein Angebot für meine Wohnung',
    area: { question: /Wie groß/, reply: '60 qm' },
    quote: /56\.940–119\.400\sPLN/,
    yes: 'Ja, gern',
    name: { question: /Namen/, reply: 'Hans Müller' },
    contact: { question: /Telefonnummer/, reply: 'hans.mueller@example.de' },
    agree: 'Einverstanden',
    consent: /Ich bin einverstanden, dass/,
    done: /Ihre Angaben sind beim Team/,
    human: 'Ich möchte mit einem Menschen sprechen',
    handed: /Unser Team ist benachrichtigt|niemand am Chat/,
  },
] as const;

for (const visit of VISITS) {
  test(`a visitor gets a quote, leaves a contact with consent and is handed to a person in ${visit.lang}`, async ({ page }) => {
    const chat = await new ChatPage(page).open(visit.lang);
    const tap = async (title: string, answer: RegExp) => {
      await page.locator('.replies').getByRole('button', { name: title, exact: true }).click();
      await expect(chat.answers.last()).toContainText(answer);
    };
    expect(await chat.ask(visit.ask)).toMatch(visit.area.question);
    await chat.ask(visit.area.reply);
    await tap('Premium', visit.quote);
    await tap(visit.yes, visit.name.question);
    expect(await chat.ask(visit.name.reply)).toMatch(visit.contact.question);
    expect(await chat.ask(visit.contact.reply)).toMatch(visit.consent);
    await tap(visit.agree, visit.done);
    expect(await chat.ask(visit.human)).toMatch(visit.handed);
    await expect(page.locator('html')).toHaveAttribute('lang', visit.lang);
  });
}
