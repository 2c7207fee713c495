import type { Attack } from '../attack.ts'
import { judgeAnswer } from '../judge.ts'
import { inRows, sendRaw } from '../send-raw.ts'

const CURSORS = ['', 'x', '-1', '0', '9'.repeat(400), 'MTIz', '../..', '%00', '{"a":1}', '1-1-0', '*', '+', '(', 'a'.repeat(5_000)]

export default {
  description: 'ids of events and dead letters, cursors and idempotency keys that are changed',
  run: async ({ target, report, amount }) => {
    const stored = await Promise.all(['one', 'two'].map((type) => store(target.url, type)))
    const id = stored[0] as string
    const changed = new Set([
      ...changesOf(id), id.toUpperCase(), id.toLowerCase(), `${id}0`, `0${id}`, ` ${id}`, `${id}%00`, `${id}/`, `${id}?`,
      // The same batch, another place in it.
      id.replace(/\.0-/, '.1-'), id.replace(/\.0-/, '.-1-'), id.replace(/\.0-/, '.00-'), id.replace(/^1-/, '2-'),
      `${id.slice(0, id.lastIndexOf('-'))}-${(stored[1] as string).slice((stored[1] as string).lastIndexOf('-') + 1)}`
    ])
    // Two changes at once, since a digest that is too short could match again.
    for (const once of [...changed].slice(0, amount(0, 60))) for (const twice of changesOf(once)) changed.add(twice)
    changed.delete(id)
    const ids = [...changed].slice(0, amount(150, 5_000))
    const tries = [
      ...ids.flatMap((one) => [`/api/v1/events/${encodeURIComponent(one)}`, `/api/v1/events/${encodeURIComponent(one)}/payload`]),
      ...ids.slice(0, 50).map((one) => `/api/v1/dead-letters/${encodeURIComponent(one)}`)
    ]
    await inRows(16, tries, async (path) => {
      const text = request(path, target.operator)
      const { answers: [answer] } = await sendRaw(target.port, text, { answers: 1 })
      if (answer === undefined || ![400, 404].includes(answer.status))
        report('breach', `${answer?.status} to ${path}, which is not ${id}`)
      if (answer !== undefined) for (const { check, what } of judgeAnswer(answer, target.secrets, text)) report(check, what)
    })
    await inRows(8, CURSORS, async (cursor) => {
      for (const name of ['cursor', 'from', 'to', 'limit', 'reason']) {
        const text = request(`/api/v1/dead-letters?${name}=${encodeURIComponent(cursor)}`, target.operator)
        const { answers: [answer] } = await sendRaw(target.port, text, { answers: 1 })
        if (answer === undefined || ![200, 400].includes(answer.status)) report('breach', `${answer?.status} to ${text.slice(0, 200)}`)
        else for (const { check, what } of judgeAnswer(answer, target.secrets, text)) report(check, what)
      }
    })
    return tries.length + CURSORS.length * 5
  }
} satisfies Attack

async function store (url: string, type: string): Promise<string> {
  const answer = await fetch(`${url}/api/v1/events`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ type, payload: 1, priority: 1 })
  })
  return (await answer.json() as { id: string }).id
}

/** Each character changed to its successor, and each left out. */
function changesOf (id: string): string[] {
  return Array.from({ length: id.length }, (_, at) => [
    `${id.slice(0, at)}${String.fromCharCode(id.charCodeAt(at) + 1)}${id.slice(at + 1)}`,
    `${id.slice(0, at)}${id.slice(at + 1)}`
  ]).flat()
}

function request (path: string, operator: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: ${operator}\r\n\r\n`
}
