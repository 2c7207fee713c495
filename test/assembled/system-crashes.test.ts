import { runTogether } from './run-together.ts'

await runTogether('test/system/{crash,redis-crash,replay}.test.ts')
