import swagger from '@fastify/swagger'
import scalar from '@scalar/fastify-api-reference'
import fp from 'fastify-plugin'
import { answerAlike } from './prepared-answers.ts'

const { version } = (await import('../package.json', { with: { type: 'json' } })).default

export default fp(async (fastify) => {
  await fastify.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Spillway',
        version,
        description: 'Takes in events over HTTP, stores them durably, and sheds load by priority when workers fall behind.'
      },
      ...(fastify.config.ADMIN_TOKEN !== undefined && { components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' }, basic: { type: 'http', scheme: 'basic' } } } }),
      tags: [
        { name: 'ingest', description: 'Post events' },
        { name: 'receipts', description: 'Ask where an event is' },
        { name: 'dead letters', description: 'What could not be handled, and its replay' },
        { name: 'health', description: 'Probes' },
        { name: 'metrics', description: 'What is going on' }
      ]
    }
  })
  // Made once, and sent from memory: the script of the page is 4.8 MB.
  fastify.addHook('onRoute', (route) => {
    if (route.url === '/openapi.json' || route.url === '/docs/js/scalar.js') answerAlike(route)
  })
  fastify.get('/openapi.json', { schema: { hide: true } }, async () => fastify.swagger())
  await fastify.register(scalar, {
    routePrefix: '/docs',
    logLevel: 'silent',
    // The page and its script come from this process; nothing is fetched from elsewhere.
    configuration: { url: '/openapi.json', withDefaultFonts: false, telemetry: false, hideClientButton: true }
  })
}, { name: 'openapi', dependencies: ['config', 'prepared-answers'] })
