import type { Scenario } from '../scenario.ts'

const worldCup: Scenario = {
  title: 'World Cup',
  trace: 'worldcup98-per-minute.csv.gz',
  flags: ['--from', '2291400', '--seconds', '4500', '--scale', '0.008']
}

export default worldCup
