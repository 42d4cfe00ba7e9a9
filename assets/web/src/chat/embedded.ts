/** What a page loads when it shows the chat after itself. */
export { ChatClient } from './client.svelte';
export { default as Chat } from './ui/Chat.svelte';
