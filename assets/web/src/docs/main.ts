import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import 'swagger-ui-dist/swagger-ui.css';
import './docs.css';

// The description of the API is in English.
document.documentElement.lang = 'en';

/**
 * Swagger UI as published, reading our own description. The validator badge would call a foreign host,
 * and the address bar field would let a link make this page show somebody else's API.
 */
SwaggerUI({
  url: '/openapi.json',
  domNode: document.getElementById('app'),
  deepLinking: true,
  validatorUrl: null,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: false,
  persistAuthorization: false,
  queryConfigEnabled: false,
});
