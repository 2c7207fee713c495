import t from 'tap'
import { logConsole } from '../../../services/logging/console-log.ts'
import { capturedLog } from '../../captured-log.ts'

t.test('what libraries write to the console is a line of the log, the same text once', (t) => {
  const { log, lines } = capturedLog()
  const target = Object.create(null) as Console
  logConsole(log, target)
  target.warn('[WARN] no password is %s', 'required')
  target.warn('[WARN] no password is required')
  target.error('x'.repeat(10_000))
  t.match(lines, [
    { level: 40, event: 'library-message', text: '[WARN] no password is required', suppressed: 0 },
    { level: 40, event: 'library-message', text: 'x'.repeat(500) }
  ])
  t.equal(lines.length, 2)
  t.equal(String(lines[1]?.text).length, 500)
  t.end()
})
