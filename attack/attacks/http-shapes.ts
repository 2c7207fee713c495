import { join } from 'node:path'
import { loadFolder } from '../../services/registry/load-folder.ts'
import type { Attack } from '../attack.ts'
import { judgeAnswer } from '../judge.ts'
import { inRows, sendRaw } from '../send-raw.ts'
import { isShapeCategory, SHAPES_SHAPE } from '../shape.ts'

const PATIENCE_MS = 3_000

export default {
  description: 'shapes of requests that readers of HTTP/1.1 may disagree on, and requests hidden in them',
  run: async ({ target, report, note, amount }) => {
    const categories = await loadFolder(join(import.meta.dirname, '../shapes'), isShapeCategory, SHAPES_SHAPE)
    const shapes = categories.flatMap(({ value }) =>
      value.shapes.map((shape) => ({ category: value.category, ...shape }))
    )
    // At once with many others, whose connections the service must not confuse with each other.
    const tries = Array.from({ length: amount(1, 20) }, () => shapes).flat()
    await inRows(16, tries, async ({ category, name, text, answers }) => {
      const exchange = await sendRaw(target.port, text, { answers: answers.length, patienceMs: PATIENCE_MS })
      const statuses = exchange.answers.map(({ status }) => status)
      const isExpected = statuses.length <= answers.length &&
        answers.every((allowed, index) => allowed.includes(statuses[index] ?? 0))
      if (!isExpected) {
        report('breach', `${category}, ${name}: ${statuses.join(', ') || 'no answer'} instead of ${
          answers.map((allowed) => allowed.join(' or ')).join(', then ')
        }; closed: ${exchange.isClosed}`)
      }
      for (const answer of exchange.answers) {
        for (const { check, what } of judgeAnswer(answer, target.secrets, text)) report(check, what)
      }
    })
    note(categories.map(({ value }) => `${value.shapes.length} of ${value.category}`).join(', '))
    return tries.length
  }
} satisfies Attack
