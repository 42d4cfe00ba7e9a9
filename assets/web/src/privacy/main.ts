import { mount } from 'svelte';
import '../styles/base.css';
import Privacy from './Privacy.svelte';

mount(Privacy, { target: document.getElementById('app') as HTMLElement });
