import type { Attack } from '../attack.ts'

/** Far above what tells a comparison in constant time from another one, since a loaded machine disturbs every answer. */
const MOST_DIFFERENCE_MS = 5

const wrong = (text: string) => ({ path: '/api/v1/fleet', headers: { authorization: `Bearer ${text}` } })
const receipt = (text: string) => ({ path: `/api/v1/events/${text}`, headers: {} })

export default {
  description: 'enumeration by timing: unknown ids against near ones, wrong tokens against near ones',
  run: async ({ target, amount, report, note }) => {
    const rounds = amount(60, 3_000)
    const token = target.operator.slice('Bearer '.length)
    const answer = await fetch(`${target.url}/api/v1/events`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"type":"timed","payload":1,"priority":1}'
    })
    const { id } = await answer.json() as { id: string }
    const pairs = [
      ['a token with a right beginning', wrong(`${token.slice(0, -1)}_`), wrong(`_${token.slice(1)}`)],
      ['an id with a wrong digest', receipt(`${id.slice(0, -8)}AAAAAAAA`), receipt(id.replace(/^1-1-0-\w{8}/, '1-1-0-00000000'))]
    ] as const
    for (const [name, near, far] of pairs) {
      const times: [number[], number[]] = [[], []]
      for (let round = 0; round < rounds; round++) {
        for (const [index, { path, headers }] of [near, far].entries()) {
          const startedAt = performance.now()
          await (await fetch(target.url + path, { headers })).arrayBuffer()
          times[index]?.push(performance.now() - startedAt)
        }
      }
      const [one, other] = times.map((all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? NaN)
      const difference = Math.abs((one as number) - (other as number))
      note(`${name}: medians differ by ${(difference * 1_000).toFixed(0)} µs over ${rounds} pairs`)
      if (!(difference < MOST_DIFFERENCE_MS)) report('breach', `${name}: ${difference.toFixed(1)} ms apart`)
    }
    return rounds * pairs.length * 2
  }
} satisfies Attack
