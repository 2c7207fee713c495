import type { KnipConfig } from 'knip'

/** In production mode tests do not count as users, so knip reports code that only tests use. */
const isProduction = process.argv.includes('--production')

const config: KnipConfig = {
  // Files that are started by their path or loaded from a folder; add new programs and registries here. A ! marks files
  // of the product.
  entry: [
    'server.{ts,mjs}!',
    'routes/**/*.ts!',
    '{services/admission/policies,services/rules/actions,services/settings/parts,workers/handlers}/*.ts!',
    'cli/{spillway.mjs,main.ts}!',
    'cli/{commands,doctor/checks}/*.ts!',
    'clients/typescript/client.ts!',
    'dashboard/{main,scheme-at-once}.js!',
    'ecosystem.config.cjs!',
    'scripts/{healthcheck.ts,setup.mjs}!',
    'scripts/*.ts',
    'rig/{load/generator,meter-probe,rewrite,shifted-clock,sync-journal}.ts',
    'bench/{run,million,outage,duplicates,replay,slow-consumer,deadlines,dashboards,hostile,instruments,keys,duel,poison}.ts',
    'bench/{organizations,requests,fair-order,fairness,autoscaling,forecast,quotas,replicas,scale,shards,simulator,start-estimate}.ts',
    'bench/{scenarios,requests,external-peers,peers}/*.ts',
    'bench/{subject/consumer,decision/program,hostile/load-program}.ts',
    'simulate/{run,evaluate,replicas,thread}.ts',
    'simulate/{subjects,arrivals/patterns,world/clients,evaluation/questions,evaluation/scenarios}/*.ts',
    'prove/loss.ts',
    'prove/{faults,sabotage}/*.ts',
    'attack/{run,ask-name-server}.ts',
    'attack/{attacks,sabotage,shapes}/*.ts',
    'examples/*/main.ts',
    'test/**/*.test.ts',
    'test/{descriptor-hog,system/embedding-host,workers/{dead-letter-killer,killed-worker},services/queue/settling-process,services/redis/embedded/embedded-redis-process}.ts'
  ],
  project: [
    '**/*.{ts,js,mjs,cjs}!',
    '!{attack,bench,prove,rig,examples,simulate,test}/**!',
    '!scripts/{config,kubernetes,screenshots}/**!',
    '!scripts/{screenshots,write-*}.ts!',
    '!knip.ts!'
  ],
  // Programs load files of these packages by path, and Kubernetes objects by the kind in a manifest.
  ignoreDependencies: ['uplot', 'axe-core', '@kubernetes-models/prometheus-operator', 'kubernetes-models'],
  // Programs of the system; tests report if one is missing.
  ignoreBinaries: ['mount', 'umount', 'openssl', 'prometheus', 'systemd-analyze', 'taskset'],
  // Callers may need an exported interface that a signature names; a value needs an importer.
  ignoreExportsUsedInFile: isProduction || { interface: true, type: true }
}

export default config
