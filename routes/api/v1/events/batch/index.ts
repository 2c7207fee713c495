import type { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { StreamPacer } from '../../../../../services/admission/stream-pacer.ts'
import { TurnedClock } from '../../../../../services/clock/turned-clock.ts'
import { CLOUD_EVENT_BATCH_TYPE, hasMediaType, NDJSON_TYPES } from '../../../../../services/event/content-type.ts'
import { IDENTITY_CONFLICT } from '../../../../../services/event/identity-conflict.ts'
import type { Intake } from '../../../../../services/event/intake.ts'
import { intakeContext, priorityBeforeBody, type IntakeContext } from '../../../../../services/event/intake-context.ts'
import { elementTexts, memberTextOfEach } from '../../../../../services/event/json-text.ts'
import { ingestArray, ingestStream } from '../../../../../services/ingest/ingest-events.ts'
import type { IngestReport } from '../../../../../services/ingest/ingest-report.ts'
import { answerWebHookHandshakes } from '../../web-hook.ts'
import { postBatchSchema } from './schema.ts'

const batch: FastifyPluginAsyncTypebox = async (fastify) => {
  const { config, intake, eventBus, syncedQueue, backpressure, lifecycle } = fastify

  answerWebHookHandshakes(fastify)
  fastify.addContentTypeParser(CLOUD_EVENT_BATCH_TYPE, { parseAs: 'buffer' }, fastify.parseJson)
  // A stream is not collected: it is read at the pace of the queue.
  fastify.addContentTypeParser([...NDJSON_TYPES], (request, body, done) => done(fastify.encodingError(request) ?? null, body))
  fastify.post('/', {
    schema: postBatchSchema,
    validatorCompiler: () => () => true,
    bodyLimit: config.BATCH_BODY_LIMIT_BYTES,
    config: { earlyPriority: ({ headers }) => priorityBeforeBody(headers), earlyMembers: { accepted: 0, results: [] } }
  }, async (request, reply) => {
    const headers = intakeContext(request.headers, Date.now(), request.spanTrace)
    if (!headers.ok) return reply.invalidEvent(headers.errors)
    if (headers.context.durability === 'synced' && !await syncedQueue.isSupported()) return reply.syncUnsupported()
    return isStream(request.body) ? takeStream(request, request.body, headers.context, reply) : takeArray(request, headers.context, reply)
  })

  async function takeArray (
    { body, bodySize, bodyText, headers }: FastifyRequest,
    context: IntakeContext,
    reply: FastifyReply
  ): Promise<FastifyReply> {
    if (!Array.isArray(body)) return reply.invalidEvent([{ field: '', message: 'Expected an array of events' }])
    const isCloudEvents = hasMediaType(headers, CLOUD_EVENT_BATCH_TYPE)
    if (body.length === 0) {
      // An empty batch of CloudEvents is one (JSON event format, section 4.1).
      if (isCloudEvents) return reply.code(202).send(NOTHING_STORED)
      return reply.invalidEvent([{ field: '', message: 'Expected at least one event' }])
    }
    if (body.length > config.BATCH_BODY_MAX_EVENTS) {
      return reply.problem({ status: 413, slug: 'too-many-events', detail: `${body.length} events in one array, at most ${config.BATCH_BODY_MAX_EVENTS}: post the rest apart, or a stream of NDJSON` })
    }
    const texts = isCloudEvents ? memberTextOfEach(bodyText, bodyText.indexOf('['), 'data') : elementTexts(bodyText)
    const takeIn = (input: unknown, index: number): Intake => isCloudEvents
      ? intake.cloudEvent(input, atPlace(context, index), texts[index])
      : intake.event(input, atPlace(context, index), texts[index])
    return answer(await ingestArray(body, bodySize, eventBus, takeIn, context.durability), reply)
  }

  async function takeStream ({ raw: { socket } }: FastifyRequest, body: Readable, context: IntakeContext, reply: FastifyReply): Promise<FastifyReply> {
    const clock = new TurnedClock()
    const pacer = new StreamPacer(backpressure, config.STREAM_PATIENCE_MS, () => clock.now)
    const report = await ingestStream(body, config.BODY_LIMIT_BYTES, eventBus, (input, index, text) => intake.event(input, atPlace(context, index), text), context.durability, async () => {
      // The silence of a socket that is left unread on purpose is not the sender's.
      const idleTimeoutMs = socket.timeout ?? 0
      socket.setTimeout?.(0)
      await pacer.waitForRoom()
      socket.setTimeout?.(idleTimeoutMs)
    }, lifecycle.draining).finally(() => clock.stop())
    const isEmpty = report.accepted + report.duplicate + report.shed + report.invalid === 0
    if (isEmpty && report.stoppedAfterLine === undefined) return reply.invalidEvent([{ field: '', message: 'Expected at least one event' }])
    return answer(report, reply)
  }

  /**
   * 202 when all are stored, now or before; 503 when all were shed, 409 when the identities of all are other events',
   * 400 when all were invalid, 207 for anything between.
   */
  function answer (report: IngestReport, reply: FastifyReply): FastifyReply {
    const {
      accepted, duplicate, durability, shed, invalid, results, isTruncated, retryAfterSeconds, mayBeStored = false,
      stoppedAfterLine
    } = report
    const stored = accepted + duplicate
    const body = { accepted, duplicate, shed, invalid, durability, results, ...(isTruncated && { resultsTruncated: true }), ...(stoppedAfterLine !== undefined && { stoppedAfterLine }) }
    if (stored + shed + invalid === 0) {
      return reply.header('retry-after', '1').problem({ status: 503, slug: 'stopping', detail: 'The process is stopping and has taken in nothing of the stream', ...body })
    }
    if (stored === 0 && invalid === 0) {
      const { reason = 'shed' } = results[0] ?? {}
      return reply.shed(
        { admitted: false, reason, retryAfterSeconds, mayBeStored },
        results[0]?.priority ?? config.DEFAULT_EVENT_PRIORITY,
        body
      )
    }
    if (stored === 0 && shed === 0 && !isTruncated && results.every(({ reason }) => reason === IDENTITY_CONFLICT)) {
      return reply.identityConflict(results[0]?.errors ?? [], body)
    }
    if (stored === 0 && shed === 0) return reply.problem({ status: 400, slug: 'invalid-event', detail: 'Not one of the events is valid', ...body })
    if (shed > 0) reply.header('retry-after', String(retryAfterSeconds))
    return reply.code(shed + invalid === 0 && stoppedAfterLine === undefined ? 202 : 207).send(body)
  }
}

/** The report of a batch without events. */
const NOTHING_STORED = Object.freeze({
  accepted: 0, duplicate: 0, shed: 0, invalid: 0, durability: { queued: 0, synced: 0, spooled: 0 }, results: []
})

/** One Idempotency-Key for many events identifies each of them by its place in the body. */
function atPlace (context: IntakeContext, index: number): IntakeContext {
  return context.idempotencyKey === undefined ? context : { ...context, idempotencyKey: `${context.idempotencyKey}#${index}` }
}

function isStream (body: unknown): body is Readable {
  return typeof (body as Readable | undefined)?.pipe === 'function'
}

export default batch
