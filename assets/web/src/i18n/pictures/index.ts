import { addTexts } from '../lang.svelte';
import { picturesDe } from './de';
import { picturesEn } from './en';
import { picturesPl } from './pl';

/** Importing this adds the texts about pictures in a conversation. */
addTexts({ pl: picturesPl, en: picturesEn, de: picturesDe });
