import { mount } from 'svelte';
import '../styles/base.css';
import ChatPage from './ChatPage.svelte';

mount(ChatPage, { target: document.getElementById('app') as HTMLElement });
