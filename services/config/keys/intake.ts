import { Type } from '@sinclair/typebox'
import { milliseconds } from '../key-types.ts'

/** Keys of what producers send: priorities, bodies, arrays, streams and web hooks. */
export const intakeKeys = {
  DEFAULT_EVENT_PRIORITY: Type.Integer({
    default: 5,
    minimum: 1,
    maximum: 10,
    description: 'Priority of an event without any other'
  }),
  EVENT_PRIORITIES: Type.String({
    default: '{"scheduled":1,"critical-alarm":1,"telemetry-data":5,"device-state-change":5,"batch-operation":10}',
    description: 'JSON object from event type to priority'
  }),
  BODY_LIMIT_BYTES: Type.Integer({
    default: 1_048_576,
    minimum: 1_024,
    maximum: 104_857_600,
    description:
      'Largest event in any form: the body of a single one, an element of an array, a line of an NDJSON stream'
  }),
  CORS_ORIGINS: Type.Optional(Type.String({
    pattern: '^(\\*|https?://[^\\s,/*]+( *, *https?://[^\\s,/*]+)*)$',
    allowed: '* or origins such as https://app.example.com, separated by commas, without a slash at the end',
    description: 'Origins whose pages may post events from a browser, and nothing else; unset: none'
  })),
  WEBHOOK_ALLOWED_ORIGINS: Type.Optional(Type.String({
    pattern: '^(\\*|[A-Za-z0-9.-]+( *, *[A-Za-z0-9.-]+)*)$',
    allowed: '* or DNS names, separated by commas',
    description:
      'Senders whose web hook handshake (OPTIONS with WebHook-Request-Origin) is granted; unset: there is no answer ' +
      'to handshakes'
  })),
  WEBHOOK_ALLOWED_RATE: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 1_000_000_000,
    description: 'Requests per minute that a web hook handshake grants; 0 grants any rate'
  }),
  BATCH_BODY_LIMIT_BYTES: Type.Integer({
    default: 16_777_216,
    minimum: 1_024,
    maximum: 1_073_741_824,
    description: 'Largest JSON array of events; an NDJSON stream has no limit'
  }),
  BATCH_BODY_MAX_EVENTS: Type.Integer({
    default: 10_000,
    minimum: 1,
    maximum: 1_000_000,
    description: 'Most events in one JSON array'
  }),
  BODIES_IN_FLIGHT_BYTES: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 1_099_511_627_776,
    description:
      'Most bytes of request bodies that this process holds at once, at least twice the largest body; beyond it ' +
      'low priority is refused first, critical last; 0 means an eighth of the heap limit of V8'
  }),
  BODY_TIMEOUT_MS: milliseconds(
    120_000,
    1_000,
    3_600_000,
    'How long a body may take to arrive as a whole; STREAM_TIMEOUT_MS bounds an NDJSON stream'
  ),
  OUTAGE_PATIENCE_MS: milliseconds(
    5_000,
    0,
    60_000,
    'How long admitted events of an array or a stream wait for an unavailable queue before they are refused'
  ),
  STREAM_PATIENCE_MS: milliseconds(
    5_000,
    0,
    600_000,
    'How long an NDJSON stream waits above the warning threshold for the queue to move before it goes on'
  ),
  STREAM_TIMEOUT_MS: milliseconds(
    0,
    0,
    86_400_000,
    'How long an NDJSON stream may last; its answer then names the last line; 0 means that only silence ends it'
  ),
  STREAM_MAX_OPEN: Type.Integer({
    default: 256,
    minimum: 1,
    maximum: 100_000,
    description: 'Most open NDJSON streams of a process; a quarter is reserved for those with X-Event-Priority: 1'
  })
}
