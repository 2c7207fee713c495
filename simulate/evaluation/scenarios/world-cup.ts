import type { Scenario } from '../scenario.ts'

const worldCup: Scenario = {
  title: 'World Cup',
  trace: 'worldcup98-per-minute.csv.gz',
  flags: ['--from', '2290800', '--seconds', '6000', '--scale', '0.012']
}

export default worldCup
