import { mount } from 'svelte';
import '../styles/base.css';
import NotFound from './NotFound.svelte';

mount(NotFound, { target: document.getElementById('app') as HTMLElement });
