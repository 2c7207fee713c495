import { Type } from '@sinclair/typebox'
import { httpUrl } from '../key-types.ts'

/** Keys of traces, with the names that OpenTelemetry gives them. */
export const tracingKeys = {
  OTEL_EXPORTER_OTLP_ENDPOINT: Type
    .Optional(httpUrl('URL of the collector for spans of sampled traces, OTLP as JSON over HTTP; if unset, no spans are recorded')),
  OTEL_EXPORTER_OTLP_HEADERS: Type
    .Optional(Type.String({
      description: 'Headers for the collector: name=value, separated by commas, with percent-encoded values'
    })),
  OTEL_SERVICE_NAME: Type.String({
    default: 'spillway',
    minLength: 1,
    description: 'Name of the service in its spans'
  }),
  OTEL_TRACES_SAMPLER_ARG: Type.Number({
    default: 0.01,
    minimum: 0,
    maximum: 1,
    description:
      'Share of the requests without a traceparent that begin a sampled trace; the flag of a traceparent decides ' +
      'otherwise'
  })
}
