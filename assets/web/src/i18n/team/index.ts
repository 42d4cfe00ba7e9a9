import { addTexts } from '../lang.svelte';
import { teamDe } from './de';
import { teamEn } from './en';
import { teamPl } from './pl';

/** Importing this adds the texts of the team's pages. */
addTexts({ pl: teamPl, en: teamEn, de: teamDe });
