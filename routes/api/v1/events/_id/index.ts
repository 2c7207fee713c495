import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchemaValidationError } from 'fastify'
import type { FieldError } from '../../../../../services/event/field-error.ts'
import { illFormed } from '../../../../../services/event/well-formed.ts'
import { receiptSchema } from './schema.ts'

/** Seconds after which a client may ask again when the queue is out of reach. */
const OUTAGE_RETRY_SECONDS = 1

const receipt: FastifyPluginAsyncTypebox = async (fastify) => {
  const { config, receipts } = fastify

  fastify.get('/', {
    schema: receiptSchema, attachValidation: true, logLevel: 'warn', config: { scope: ['ingest', 'read'], port: 'both' }
  }, async (request, reply) => {
    if (request.validationError !== undefined) {
      const errors = (request.validationError.validation as FastifySchemaValidationError[])
        .map(({ instancePath, message = 'is wrong' }): FieldError => ({ field: instancePath.slice(1), message }))
      return reply.problem({
        status: 400,
        slug: 'invalid-query',
        detail: errors.map(({ field, message }) => `${field}: ${message}`).join('; '),
        errors
      })
    }
    const wrong = illFormed({ ...request.query, ...request.params }, ['id', 'organizationId', 'source'])
    if (wrong.length > 0) return reply.invalidQuery(wrong)
    const finding = await receipts.find({
      ...request.query, id: request.params.id, within: request.producer.organizationId
    })
    if (finding.status === 'unavailable') {
      return reply.header('retry-after', String(OUTAGE_RETRY_SECONDS)).problem({
        status: 503,
        slug: 'queue-unavailable',
        detail: 'Redis is out of reach; try again',
        retryAfterSeconds: OUTAGE_RETRY_SECONDS
      })
    }
    if (finding.status === 'unknown')
      return reply.code(404).send({ ...finding, keptSeconds: config.RECEIPT_TTL_MS / 1000 })
    return reply.send(finding)
  })
}

export default receipt
