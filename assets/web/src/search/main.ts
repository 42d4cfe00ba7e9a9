import { mount } from 'svelte';
import '../styles/base.css';
import SearchPage from './SearchPage.svelte';

mount(SearchPage, { target: document.getElementById('app') as HTMLElement });
