import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ArrayRoom } from '../../../../../services/admission/array-room.ts'
import { StreamPacer } from '../../../../../services/admission/stream-pacer.ts'
import { TOO_MANY_KEY_STREAMS, TOO_MANY_STREAMS } from '../../../../../services/admission/stream-slots.ts'
import { headOffer } from '../../../../../services/admission/offer.ts'
import { LOWEST_PRIORITY, priorityClass } from '../../../../../services/admission/priority-class.ts'
import { TurnedClock } from '../../../../../services/clock/turned-clock.ts'
import { isWasteful } from '../../../../../services/connections/incoming-request.ts'
import { withoutTimeout } from '../../../../../services/connections/silence.ts'
import type { ByteBudget } from '../../../../../services/intake/byte-budget.ts'
import type { ContentCoding } from '../../../../../services/intake/content-coding.ts'
import { CLOUD_EVENT_BATCH_TYPE, NDJSON_TYPES } from '../../../../../services/intake/content-type.ts'
import { IDENTITY_CONFLICT } from '../../../../../services/event/identity-conflict.ts'
import type { Intake } from '../../../../../services/intake/event-intake.ts'
import type { IntakeContext } from '../../../../../services/intake/request-head.ts'
import { memberText } from '../../../../../services/event/json-text.ts'
import { ingestArray } from '../../../../../services/intake/ingest-array.ts'
import { eventsIn, MIXED, onlyRefusal, type IngestReport } from '../../../../../services/intake/ingest-report.ts'
import { InflatedBody, InflationError } from '../../../../../services/intake/inflated-body.ts'
import { ingestStream } from '../../../../../services/intake/ingest-stream.ts'
import { takeArray as takeJsonArray, type TakenArray } from '../../../../../services/intake/take-array.ts'
import { typeMembers, usedUpHeaders } from '../../../../../services/problem/refusal-problem.ts'
import { answerWebHookHandshakes } from '../../web-hook.ts'
import { postBatchSchema } from './schema.ts'

/** Members of the answer to a request whose body was not read. */
const NOTHING_TAKEN = { accepted: 0, results: [] }

const KEY_ENDED = 'The key of the stream is no longer in force, or one is required now; nothing of the stream is stored'
const CHUNKS_TOO_SMALL = 'Spillway ended the stream because its chunks have a few bytes each; send larger chunks'

const TOO_MANY_INVALID =
  'Spillway ended the stream because none of its events is valid; send one event in JSON per line'

const batch: FastifyPluginAsyncTypebox = async (fastify) => {
  const {
    bodiesInFlight,
    config,
    headGate,
    intake,
    eventBus,
    syncedQueue,
    backpressure,
    lifecycle,
    turnShare,
    keyStreams,
    streamSlots,
    streamMemory
  } = fastify

  answerWebHookHandshakes(fastify)
  // An array is parsed in pieces, so that other requests get the event loop in between.
  fastify.removeContentTypeParser('application/json')
  fastify.addContentTypeParser(['application/json', CLOUD_EVENT_BATCH_TYPE], fastify.collected(fastify.keepJson))
  // A stream is not buffered: it is read at the pace of the queue.
  fastify.addContentTypeParser([...NDJSON_TYPES], (request, body, done) => {
    const coding = fastify.bodyCoding(request)
    if (coding instanceof Error) return done(coding)
    fastify.inviteBody(request)
    done(null, coding === undefined ? body : inflatedStream(coding, body, request.raw, streamMemory.decoders))
  })
  fastify.post('/', {
    schema: postBatchSchema,
    validatorCompiler: () => () => true,
    bodyLimit: config.BATCH_BODY_LIMIT_BYTES,
    config: { intake: 'batch', scope: 'ingest', unread: NOTHING_TAKEN }
  }, async (request, reply) => {
    const headers = request.head.context(Date.now(), request.spanTrace)
    if (!headers.ok) return reply.invalidEvent(headers.errors)
    if (headers.context.durability === 'synced' && !await syncedQueue.isSupported()) return reply.syncUnsupported()
    return isStream(request.body)
      ? takeStream(request, request.body, headers.context, reply)
      : takeArray(request, headers.context, reply)
  })

  async function takeArray (
    request: FastifyRequest,
    context: IntakeContext,
    reply: FastifyReply
  ): Promise<FastifyReply> {
    const isCloudEvents = request.head.mediaType === CLOUD_EVENT_BATCH_TYPE
    const takeIn = (input: unknown, index: number, text: string): Intake => isCloudEvents
      ? intake.cloudEvent(input, atPlace(context, index), memberText(text, 'data'))
      : intake.event(input, atPlace(context, index), text)
    const priority = headGate.bodyPriority(request.head, request.bodySize)
    const room = new ArrayRoom(bodiesInFlight, priorityClass(priority), request.bodySize, () => performance.now())
    const limits = { mostEvents: config.BATCH_BODY_MAX_EVENTS, mostEventBytes: config.BODY_LIMIT_BYTES, room }
    try {
      const taken = await takeJsonArray(bodyOf(request), limits, takeIn, turnShare)
      if (taken.ok) return await answerArray(taken, context, isCloudEvents, reply)
      if (taken.cause === 'no-room') throw fastify.refuseBody('no-room', request, priority)
      return refuseArray(taken, reply)
    } finally {
      room.release()
    }
  }

  async function answerArray (
    taken: TakenArray & { ok: true }, context: IntakeContext, isCloudEvents: boolean, reply: FastifyReply
  ): Promise<FastifyReply> {
    if (taken.elements.length === 0) {
      // An empty batch of CloudEvents is one (JSON event format, section 4.1).
      if (isCloudEvents) return reply.code(202).send(NOTHING_STORED)
      return reply.invalidEvent([{ field: '', message: 'Expected at least one event' }])
    }
    return answer(await ingestArray(taken.elements, eventBus, context, turnShare), reply)
  }

  async function takeStream (
    request: FastifyRequest,
    body: Readable,
    context: IntakeContext,
    reply: FastifyReply
  ): Promise<FastifyReply> {
    const priority = context.priority ?? config.DEFAULT_EVENT_PRIORITY
    const isCritical = priorityClass(context.priority ?? LOWEST_PRIORITY) === 'critical'
    const { producer } = context
    if (!streamSlots.take(isCritical)) {
      return reply.refuseUnread(backpressure.refuse(headOffer(priority), TOO_MANY_STREAMS), priority)
    }
    if (producer.isKey && !keyStreams.take(producer.id)) {
      streamSlots.give()
      return reply.refuseUnread(backpressure.refuse(headOffer(priority), TOO_MANY_KEY_STREAMS, 'quota'), priority)
    }
    const { raw } = request
    const { socket } = raw
    const clock = new TurnedClock()
    const pacer = new StreamPacer(backpressure, config.STREAM_PATIENCE_MS, () => clock.now)
    const report = await ingestStream({
      chunks: body,
      maxLineBytes: config.BODY_LIMIT_BYTES,
      sink: eventBus,
      takeIn: (input, index, text) => intake.event(input, atPlace(context, index), text),
      producer,
      durability: context.durability,
      pace: () => withoutTimeout(socket, () => pacer.waitForRoom()),
      isWasteful: () => isWasteful(raw),
      isInForce: () => fastify.isInForce(request),
      stopped: lifecycle.draining,
      memory: streamMemory,
      share: turnShare,
      patienceMs: config.STREAM_PATIENCE_MS,
      mostMs: config.STREAM_TIMEOUT_MS,
      isCritical
    }).finally(() => {
      clock.stop()
      streamSlots.give()
      if (body instanceof InflatedBody) body.destroy()
      if (producer.isKey) keyStreams.give(producer.id)
    })
    if (eventsIn(report) === 0 && report.stoppedAfterLine === undefined) {
      return reply.invalidEvent([{ field: '', message: 'Expected at least one event' }])
    }
    if (report.stoppedAfterLine !== undefined) reply.header('connection', 'close')
    return answer(report, reply)
  }

  /**
   * 202 if all events are stored, by this post or an earlier one, or left out of a sample; the status of the kind if all
   * are refused for one kind of reason; 409 if all conflict with stored events; 400 if all are invalid; 207 otherwise.
   */
  function answer (report: IngestReport, reply: FastifyReply): FastifyReply {
    const {
      accepted, duplicate, sampled, durability, shed, wouldExpire, quota, forbidden, invalid, results, isTruncated,
      areErrorsTruncated, retryAfterSeconds, mayBeStored = false, stoppedAfterLine, stopReason,
      organizationId, rateLimitPolicy, types
    } = report
    const stored = accepted + duplicate + sampled
    const refused = shed + wouldExpire + quota + forbidden
    const body = {
      accepted, duplicate, shed,
      ...(sampled > 0 && { sampled }),
      ...(wouldExpire > 0 && { wouldExpire }),
      ...(quota > 0 && { quota }),
      ...(forbidden > 0 && { forbidden }),
      ...(types !== undefined && typeMembers(types)),
      invalid, durability, results,
      ...(isTruncated && { resultsTruncated: true }),
      ...(areErrorsTruncated && { errorsTruncated: true }),
      ...(stoppedAfterLine !== undefined && { stoppedAfterLine, stopReason })
    }
    const isNothingTaken = eventsIn(report) === 0
    if (isNothingTaken && stopReason === 'chunks-too-small') {
      return reply.problem({ status: 400, slug: 'invalid-request', detail: CHUNKS_TOO_SMALL, ...body })
    }
    if (isNothingTaken && stopReason === 'key-ended') {
      return reply.problem({ status: 401, slug: 'unauthorized', detail: KEY_ENDED, ...body })
    }
    if (isNothingTaken && stopReason === 'too-long') {
      const detail = `No event of the stream arrived within ${config.STREAM_TIMEOUT_MS} ms`
      return reply.problem({ status: 408, slug: 'body-timeout', detail, ...body })
    }
    if (isNothingTaken) {
      const detail = stopReason === 'stopping'
        ? 'The process is stopping and has stored nothing of the stream; send it again'
        : 'The process lacks memory for the stream and has stored nothing of it; send it again later'
      const status = fastify.refusalStatuses[stopReason === 'process-overloaded' ? 'load' : 'queue']
      const slug = stopReason === 'process-overloaded' ? stopReason : 'stopping'
      return reply.header('retry-after', '1').problem({ status, slug, detail, ...body })
    }
    const kind = onlyRefusal(report)
    if (kind !== undefined) {
      const { reason = 'shed', priority = config.DEFAULT_EVENT_PRIORITY, bestPriority } = results[0] ?? {}
      const wait = retryAfterSeconds === 0 ? undefined : retryAfterSeconds
      return reply.refuse({
        kind,
        reason,
        retryAfterSeconds: wait,
        mayBeStored,
        ...(rateLimitPolicy !== undefined && { rateLimitPolicy }),
        ...(bestPriority !== undefined && { bestPriority }),
        ...(types !== undefined && { types })
      }, priority, body)
    }
    if (stored === 0 && refused === 0 && !isTruncated && results.every(({ reason }) => reason === IDENTITY_CONFLICT)) {
      return reply.identityConflict(results[0]?.errors ?? [], body)
    }
    if (stored === 0 && refused === 0) {
      const detail = stopReason === 'too-many-invalid' ? TOO_MANY_INVALID : 'None of the events is valid'
      return reply.problem({ status: 400, slug: 'invalid-event', detail, ...body })
    }
    if (rateLimitPolicy !== undefined) reply.headers(usedUpHeaders(rateLimitPolicy, retryAfterSeconds))
    else if (organizationId !== MIXED) reply.rateLimit(organizationId)
    if (retryAfterSeconds > 0) reply.header('retry-after', String(retryAfterSeconds))
    return reply.code(refused + invalid === 0 && stoppedAfterLine === undefined ? 202 : 207).send(body)
  }
}

/** The report of a batch without events. */
const NOTHING_STORED = Object.freeze({
  accepted: 0, duplicate: 0, shed: 0, invalid: 0, durability: { queued: 0, synced: 0, spooled: 0 }, results: []
})

/** With one Idempotency-Key for many events, the place in the body identifies each of them. */
function atPlace (context: IntakeContext, index: number): IntakeContext {
  return context.idempotencyKey === undefined
    ? context
    : { ...context, idempotencyKey: `${context.idempotencyKey}#${index}` }
}

/** Detaches the body, empty if absent, from its request, which lives until all events are stored. */
function bodyOf (request: FastifyRequest): Buffer {
  const { body } = request
  request.body = undefined
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0)
}

function refuseArray ({ cause, message }: Extract<TakenArray, { message: string }>, reply: FastifyReply): FastifyReply {
  if (cause === 'no-array') return reply.invalidEvent([{ field: '', message }])
  if (cause === 'too-many-events') return reply.problem({ status: 413, slug: cause, detail: message })
  return reply.problem({ status: 400, slug: 'invalid-request', detail: message })
}

/** Decompresses a stream; one whose chunks inflate to nothing is ended if they are wasteful. */
function inflatedStream (
  coding: ContentCoding, source: IncomingMessage, request: IncomingMessage, windows: ByteBudget
): InflatedBody {
  const judge = () => isWasteful(request) ? new InflationError('chunks-too-small', CHUNKS_TOO_SMALL) : undefined
  return new InflatedBody({ coding, source, judge, windows })
}

function isStream (body: unknown): body is Readable {
  return typeof (body as Readable | undefined)?.pipe === 'function'
}

export default batch
