import { mount } from 'svelte';
import '../styles/base.css';
import Quote from './Quote.svelte';

mount(Quote, { target: document.getElementById('app') as HTMLElement });
