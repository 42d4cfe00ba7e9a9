import { addTexts } from '../lang.svelte';
import { siteDe } from './de';
import { siteEn } from './en';
import { sitePl } from './pl';

/** Importing this adds the texts of the site's pages. */
addTexts({ pl: sitePl, en: siteEn, de: siteDe });
