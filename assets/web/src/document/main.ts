import { mount } from 'svelte';
import '../styles/base.css';
import DocumentPage from './DocumentPage.svelte';

mount(DocumentPage, { target: document.getElementById('app') as HTMLElement });
