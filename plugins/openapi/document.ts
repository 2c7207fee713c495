/*
 * The part of the OpenAPI document besides its operations, which come from the schemas of the routes.
 */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import type { Config } from '../../services/config/schema.ts'

/**
 * Returns the part of the OpenAPI document that no route declares.
 *
 * @param shedStatus the status of a refusal because of load
 * @param rootPath the path prefix of the service; empty, or `/` and a name
 */
export function documentFrame (
  version: string, rootPath: string, shedStatus: number
): FastifyDynamicSwaggerOptions['openapi'] {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Spillway',
      version,
      summary: 'Durable event ingestion that sheds load by priority.',
      description:
        'Spillway accepts events over HTTP and stores them durably before it answers 202. ' +
        'When workers fall behind, it refuses low priorities first, ' +
        `with ${shedStatus} and a \`Retry-After\` that follows the ` +
        'measured drain rate. Every error is a problem document (RFC 9457).',
      license: { name: 'MIT', identifier: 'MIT' }
    },
    servers: [{ url: rootPath || '/', description: 'The service that serves this document' }],
    // The document lists paths in the order of their registration; these come first.
    paths: { '/api/v1/events': {}, '/api/v1/events/batch': {}, '/api/v1/datastreams': {} },
    // Each operation declares its own security.
    security: [],
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key, or the value of `ADMIN_TOKEN`' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'The same' },
        basic: {
          type: 'http',
          scheme: 'basic',
          description: 'Any user name, and an API key or the value of `ADMIN_TOKEN` as the password'
        }
      }
    },
    tags: [
      { name: 'ingest', description: 'Post events, one at a time, in arrays, or as a stream.' },
      { name: 'receipts', description: 'Follow an event from the queue to its end.' },
      { name: 'dead letters', description: 'Read, delete and replay the events that no handler could process.' },
      { name: 'health', description: 'Probe a process, and read the state of the service.' },
      { name: 'metrics', description: 'Read the queue, the ledger and the metrics.' },
      { name: 'control', description: 'Change how the service runs, on every replica.' }
    ]
  }
}

/** Returns the server of the routes that only PORT has, for a document at ADMIN_PORT. */
export function mainServers ({ HOST, PORT }: Pick<Config, 'HOST' | 'PORT'>): object[] {
  // Nobody can call the addresses that stand for all of them.
  const host = HOST === '0.0.0.0' || HOST === '::' ? 'localhost' : HOST.includes(':') ? `[${HOST}]` : HOST
  return [{
    url: 'http://{host}:{port}', description: 'The port for producers',
    variables: { host: { default: host }, port: { default: String(PORT) } }
  }]
}
