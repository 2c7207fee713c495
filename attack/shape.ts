/** A request in a shape that readers of HTTP may disagree on. */
export interface Shape {
  readonly name: string
  readonly text: string
  /** The allowed statuses of each answer, in order; 0 stands for none. There may be no further answers. */
  readonly answers: readonly (readonly number[])[]
}

/** The export of a file of attack/shapes/. */
export interface ShapeCategory {
  readonly category: string
  readonly shapes: readonly Shape[]
}

export const SHAPES_SHAPE = 'a ShapeCategory: { category, shapes: [{ name, text, answers }] }'

export function isShapeCategory (candidate: unknown): candidate is ShapeCategory {
  const { category, shapes } = (candidate ?? {}) as Partial<ShapeCategory>
  return typeof category === 'string' && Array.isArray(shapes) && shapes.length > 0 &&
    shapes.every((shape: Partial<Shape>) =>
      typeof shape.name === 'string' && typeof shape.text === 'string' && Array.isArray(shape.answers)
    )
}

export const EVENT = '{"type":"shape","payload":1}'
/** A route that answers without a body to read. */
export const GET = 'GET /api/v1/health/liveness HTTP/1.1\r\n'
export const HOST = 'Host: localhost\r\n'
const JSON_TYPE = 'Content-Type: application/json\r\n'
export const BAD: readonly (readonly number[])[] = [[400]]
export const OK: readonly (readonly number[])[] = [[200]]
export const ACCEPTED: readonly (readonly number[])[] = [[202]]

/** A post of an event with further fields and this body as it stands. */
export function post (fields: string, body = EVENT): string {
  return `POST /api/v1/events HTTP/1.1\r\n${HOST}${JSON_TYPE}${fields}\r\n${body}`
}

export const LENGTH = `Content-Length: ${EVENT.length}\r\n`
export const CHUNKED = 'Transfer-Encoding: chunked\r\n'
export const CHUNK = `${EVENT.length.toString(16)}\r\n${EVENT}\r\n`

/** A whole request that hides in the body of another. */
export const HIDDEN = `POST /api/v1/events HTTP/1.1\r\n${HOST}${JSON_TYPE}${LENGTH}\r\n${EVENT}`
