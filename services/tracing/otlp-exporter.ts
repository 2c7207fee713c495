import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import type { SpanExporter } from '@opentelemetry/sdk-trace'
import { StartFault } from '../config/start-fault.ts'

export interface OtlpExporterOptions {
  /** Address of the collector; spans go to `/v1/traces` below it. */
  endpoint: string
  /** As in OTEL_EXPORTER_OTLP_HEADERS. */
  headers: string | undefined
  /** Called with the error of each failed export; its spans are lost. */
  onError: (error: Error) => void
}

/** The limit for one export with all its retries; spans that end meanwhile wait. */
const EXPORT_TIMEOUT_MS = 5_000

/** Sends spans as JSON over HTTP. @throws StartFault with code OTLP_HEADERS_INVALID */
export function otlpExporter ({ endpoint, headers, onError }: OtlpExporterOptions): SpanExporter {
  const exporter = new OTLPTraceExporter({
    url: tracesUrl(endpoint),
    headers: parseOtlpHeaders(headers),
    timeoutMillis: EXPORT_TIMEOUT_MS
  })
  return {
    export: (spans, done) => exporter.export(spans, (result) => {
      if (result.error !== undefined) onError(withoutAnswer(result.error))
      done(result)
    }),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown()
  }
}

/** The error contains the answer of the collector, which may repeat the request. */
function withoutAnswer ({ message, code }: Error & { code?: unknown }): Error {
  return Object.assign(new Error(message), { code })
}

function tracesUrl (endpoint: string): string {
  const url = new URL(endpoint)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/traces`
  return url.href
}

/**
 * Reads OTEL_EXPORTER_OTLP_HEADERS, `name=value,…`, percent-encoded.
 *
 * @throws StartFault with code OTLP_HEADERS_INVALID, which does not show them
 */
export function parseOtlpHeaders (text = ''): Record<string, string> {
  const members = text.split(',').map((member) => member.trim()).filter((member) => member !== '')
  try {
    return Object.fromEntries(new Headers(members.map((member): [string, string] => {
      const [name = '', ...value] = member.split('=')
      if (value.length === 0) throw new Error('no value')
      const header = decodeURIComponent(value.join('=').trim())
      // Headers accepts some control characters that the request refuses later.
      if (/\p{Cc}/u.test(header)) throw new Error('a control character')
      return [name.trim(), header]
    })))
  } catch {
    throw new StartFault(
      'OTLP_HEADERS_INVALID',
      'OTEL_EXPORTER_OTLP_HEADERS is invalid; set it to name=value, separated by commas, with percent-encoded values'
    )
  }
}
