import type { QueuedEvent } from '../event/event.ts'
import { payloadTextOf } from '../event/event-json.ts'
import type { Report } from './problem.ts'
import { compileTemplate, isExpression } from './template.ts'

type Payload = Pick<QueuedEvent, 'payload' | 'payloadText'>

/** Computes the payload of an emitted event. */
export type PayloadTemplate = (data: unknown, source: Payload) => Payload

/**
 * Prepares a template. `{ "var": "payload" }` at any depth passes the text of the payload on, or null; computed values
 * are serialized.
 */
export function compilePayloadTemplate (template: unknown, path: string, report: Report): PayloadTemplate {
  const valueOf = compileTemplate(template, path, report)
  // An undefined value has no JSON, so the consumer gets null.
  if (!passesPayloadOn(template)) return (data) => ({ payload: valueOf(data) ?? null })
  return (data, source) => {
    const payload = valueOf(data) ?? null
    return { payload, payloadText: textOf(template, payload, payloadTextOf(source) ?? 'null') as string }
  }
}

/** Returns the JSON of a value that was computed from a template; undefined if it has none. */
function textOf (template: unknown, value: unknown, posted: string): string | undefined {
  if (isPayload(template)) return posted
  if (!passesPayloadOn(template)) return JSON.stringify(value)
  if (Array.isArray(template)) {
    return `[${template.map((item, index) => textOf(item, (value as unknown[])[index], posted) ?? 'null').join(',')}]`
  }
  const members = Object.entries(template as object).flatMap(([name, field]) => {
    const text = textOf(field, (value as Record<string, unknown>)[name], posted)
    return text === undefined ? [] : [`${JSON.stringify(name)}:${text}`]
  })
  return `{${members.join(',')}}`
}

function passesPayloadOn (template: unknown): boolean {
  if (typeof template !== 'object' || template === null) return false
  return isExpression(template) ? isPayload(template) : Object.values(template).some(passesPayloadOn)
}

function isPayload (template: unknown): boolean {
  if (!isExpression(template)) return false
  const [[operator, operand] = []] = Object.entries(template)
  const path: unknown = Array.isArray(operand) && operand.length === 1 ? operand[0] : operand
  return (operator === 'var' || operator === 'val') && path === 'payload'
}
