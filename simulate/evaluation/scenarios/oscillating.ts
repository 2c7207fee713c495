import type { Scenario } from '../scenario.ts'

const oscillating: Scenario = {
  title: 'oscillating consumer',
  flags: ['--pattern', 'constant', '--rate', '15', '--seconds', '900', '--oscillation', '2']
}

export default oscillating
