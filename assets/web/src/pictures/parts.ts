/** What a page loads with its first picture, its texts among it: most conversations have none. */
import '../i18n/pictures';

export { default as Picture } from './Picture.svelte';
export { fitted, look } from './prepare';
export { told } from './refusals';
export { upload } from './upload';
export { default as UploadState } from './UploadState.svelte';
