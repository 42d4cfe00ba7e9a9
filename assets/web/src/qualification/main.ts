import { mount } from 'svelte';
import '../styles/base.css';
import QuizPage from './QuizPage.svelte';

mount(QuizPage, { target: document.getElementById('app') as HTMLElement });
