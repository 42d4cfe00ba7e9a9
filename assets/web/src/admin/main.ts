import { mount } from 'svelte';
import '../i18n/team';
import '../styles/base.css';
import Admin from './Admin.svelte';

mount(Admin, { target: document.getElementById('app') as HTMLElement });
