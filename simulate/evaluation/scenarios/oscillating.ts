import type { Scenario } from '../scenario.ts'

const oscillating: Scenario = {
  title: 'oscillating consumer',
  flags: ['--pattern', 'constant', '--rate', '25', '--seconds', '1200', '--oscillation', '2']
}

export default oscillating
