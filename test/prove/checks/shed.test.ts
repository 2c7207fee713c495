import t from 'tap'
import { shedProblem } from '../../../prove/checks/shed.ts'

const THRESHOLDS = { recovery: 100, warning: 200, critical: 400, hardLimit: 800 }

t.test('a reason can be true only at the depth and for the classes that it stands for', async (t) => {
  const table: [reason: string, priority: number, mostOutstanding: number, isDisturbed: boolean, isTrue: boolean][] = [
    ['circuit-open', 5, 400, false, true],
    ['circuit-open', 5, 200, false, false],
    ['circuit-open', 5, 200, true, false],
    ['circuit-open', 1, 900, true, false],
    ['low-priority-shed', 7, 320, false, true],
    ['low-priority-shed', 7, 100, true, false],
    ['low-priority-shed', 5, 900, true, false],
    ['queue-full', 1, 800, false, true], ['queue-full', 1, 0, true, true], ['queue-full', 1, 100, false, false],
    ['queue-unavailable', 3, 0, true, true],
    ['queue-unavailable', 3, 900, false, false],
    ['spool-unavailable', 1, 0, false, false],
    ['process-overloaded', 3, 0, true, true],
    ['process-overloaded', 1, 0, true, false],
    ['process-overloaded', 3, 0, false, false],
    ['a-mood', 3, 900, false, false]
  ]
  for (const [reason, priority, mostOutstanding, isDisturbed, isTrue] of table) {
    t.equal(
      shedProblem(reason, priority, { mostOutstanding, isDisturbed }, THRESHOLDS) === undefined,
      isTrue,
      `${reason} ${priority} ${mostOutstanding} ${isDisturbed}`
    )
  }
})
