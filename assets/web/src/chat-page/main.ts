import { mount } from 'svelte';
import '../styles/base.css';
import { adoptFromAddress } from '../chat/storage';
import ChatPage from './ChatPage.svelte';

adoptFromAddress();
mount(ChatPage, { target: document.getElementById('app') as HTMLElement });
