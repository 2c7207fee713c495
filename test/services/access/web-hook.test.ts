import t from 'tap'
import { answerHandshake, parseOrigins } from '../../../services/access/web-hook.ts'

const terms = (origins: string, requestsPerMinute = 0) => ({ origins: parseOrigins(origins), requestsPerMinute })
const asking = (origin: string, more: Record<string, string> = {}) => ({ 'webhook-request-origin': origin, ...more })

t.test('consent is for the origins that are named, with their rate', async (t) => {
  const table: [origins: string, asked: string, allowed: string | undefined][] = [
    ['sender.example.com', 'sender.example.com', 'sender.example.com'],
    ['Sender.example.com , other.example', 'SENDER.example.com', 'SENDER.example.com'],
    ['a.example,other.example', 'other.example', 'other.example'],
    ['*', 'anyone.example', '*'],
    ['sender.example.com', 'example.com', undefined],
    ['sender.example.com', 'evil-sender.example.com', undefined],
    ['sender.example.com', '*', undefined]
  ]
  for (const [origins, asked, allowed] of table) {
    const answer = answerHandshake(asking(asked), terms(origins))
    if (allowed === undefined) t.strictSame(answer, { kind: 'refused' }, `${asked} of ${origins}`)
    else t.strictSame(answer, {
        kind: 'granted',
        headers: { 'webhook-allowed-origin': allowed, 'webhook-allowed-rate': '*' }
      })
  }
  t.match(answerHandshake(asking('a', { 'webhook-request-rate': '1000' }), terms('a', 120)), {
    headers: { 'webhook-allowed-rate': '120' }
  })
})

t.test('an OPTIONS request without an origin asks for nothing', async (t) => {
  for (const headers of [{}, asking(''), { 'webhook-request-rate': '1' }])
    t.strictSame(answerHandshake(headers, terms('*')), { kind: 'not-asked' })
})
