import { mount } from 'svelte';
import '../styles/base.css';
import Home from './Home.svelte';

mount(Home, { target: document.getElementById('app') as HTMLElement });
