/* Requests for every route of the OpenAPI document, whole as HTTP and wrong in what they say. */
import * as fc from 'fast-check'
import { anyBody, anyText } from './values.ts'

interface Operation {
  readonly parameters?: readonly { readonly in: string, readonly name: string }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> }
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/** A route and what its requests may carry. */
export interface FuzzedRoute {
  readonly method: string
  readonly path: string
  readonly types: readonly string[]
  readonly headers: readonly string[]
  readonly queries: readonly string[]
}

/** Content types that no route accepts, or that hide one that it does. */
const OTHER_TYPES = [
  '', 'text/plain', 'application/json; charset=utf-16', 'APPLICATION/JSON', 'application/json;;;', 'multipart/form-data',
  'application/x-www-form-urlencoded', 'application/json, text/html', 'a'.repeat(400), '\u00ff/\u00ff'
]
const OTHER_HEADERS = [
  'ce-id', 'ce-type', 'ce-source', 'ce-specversion', 'ce-time', 'ce-priority', 'origin', 'sec-fetch-site',
  'content-encoding', 'range', 'accept', 'if-none-match', 'x-forwarded-for', 'upgrade', 'te', 'trailer', 'x-http-method-override'
]
/** Pages and routes that the document does not list. */
const UNLISTED = ['/docs', '/dashboard', '/openapi.json', '/admin/queues', '/admin/queues/api/queues', '/', '/nothing']
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY']
const IDS = ['..', '.', '%2e%2e%2f', '%00', '%zz', '%', '%c0%ae', '__proto__', 'a'.repeat(2_000), '%F0%9F%92%A9', '*']
/** Answers to these do not end. */
const ENDLESS = /\/stream$/

/** Returns the routes to attack: those of the document, and the unlisted pages. */
export function routesOf ({ paths }: OpenApi): FuzzedRoute[] {
  const listed = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters = [], requestBody }]): FuzzedRoute => {
      const named = (place: string) => parameters.filter((one) => one.in === place).map(({ name }) => name)
      return {
        method: method.toUpperCase(), path, types: Object.keys(requestBody?.content ?? {}), headers: named('header'),
        queries: named('query')
      }
    })
  )
  const unlisted = UNLISTED.map((path) => ({ method: 'GET', path, types: [], headers: [], queries: [] }))
  return [...listed, ...unlisted].filter(({ path }) => !ENDLESS.test(path))
}

/** Returns generated requests for these routes, each with `Connection: close`. */
export function anyRequest (routes: readonly FuzzedRoute[], operator: string): fc.Arbitrary<Buffer> {
  return fc.constantFrom(...routes).chain((route) =>
    fc.record({
      method: fc.oneof({ weight: 5, arbitrary: fc.constant(route.method) }, fc.constantFrom(...METHODS)),
      id: fc.oneof(fc.constantFrom(...IDS), anyText.map((text) => encodeURIComponent(text.toWellFormed()))),
      query: fc.array(fc.tuple(fc.oneof(fc.constantFrom('x', ...route.queries), anyText), anyText), { maxLength: 3 }),
      type: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom('application/json', ...route.types) },
        fc.constantFrom(...OTHER_TYPES)
      ),
      headers: fc.array(
        fc.tuple(fc.constantFrom(...route.headers, ...route.headers, ...OTHER_HEADERS), anyText),
        { maxLength: 4 }
      ),
      body: anyBody,
      isOperator: fc.constantFrom(true, true, false),
      isChunked: fc.boolean()
    }).map(({ method, id, query, type, headers, body, isOperator, isChunked }) => {
      const search = query.map(([name, value]) =>
        `${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(value.toWellFormed())}`
      ).join('&')
      const lines = [
        `${method} ${route.path.replaceAll(/\{\w+\}/g, id)}${search && `?${search.slice(0, 3_000)}`} HTTP/1.1`,
        'Host: localhost', 'Connection: close', ...type === '' ? [] : [`Content-Type: ${type}`],
        ...isOperator ? [`Authorization: ${operator}`] : [],
        ...headers.map(([name, value]) => `${name}: ${fieldValue(value)}`),
        isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`
      ]
      const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
      return Buffer.concat([head, isChunked ? chunked(body) : body])
    })
  )
}

/** Leaves what a field may carry: the request stays whole, so that its content reaches the route. */
function fieldValue (text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u0008\u000a-\u001f\u007f]|[^\u0000-\u00ff]/g, '').slice(0, 2_000)
}

function chunked (body: Buffer): Buffer {
  const middle = Math.floor(body.length / 2)
  return Buffer.concat([
    ...chunk(body.subarray(0, middle)), ...chunk(body.subarray(middle)), Buffer.from('0\r\n\r\n')
  ])
}

function chunk (part: Buffer): Buffer[] {
  return part.length === 0 ? [] : [Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]
}
