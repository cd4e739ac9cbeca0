// What calls a person (docs/azure.md, alerts). Each rule asks the logs; a row in the answer is an alert.
// A line that begins with {"event":"run" is what a run of a pair tells (docs/observability.md), requests are functions
// that ran. A test compares the fields with those of a run.
param prefix string
param location string
param tags object
param workspaceId string
param alertAddress string

var alerts = [
  {
    name: 'standing-still'
    severity: 0
    every: 'PT5M'
    window: 'PT15M'
    summary: 'The sweep has not run for 15 minutes: the service stands still, or its logs do not arrive.'
    query: '''
AppRequests
| where Name == 'sweep' and Success == true
| count
| where Count == 0
'''
  }
  {
    name: 'poison-messages'
    severity: 1
    every: 'PT5M'
    window: 'PT5M'
    summary: 'A message failed five times: a bug, or a dependency that is down. The pair is looked at again all the same.'
    query: '''
AppRequests
| where Name in ('pairspoison', 'pairsfirstpoison', 'feedspoison')
| project TimeGenerated, Name, OperationId
'''
  }
  {
    name: 'pairs-failing'
    severity: 1
    every: 'PT15M'
    window: 'PT1H'
    summary: 'At least ten pairs, and more than one in twenty, ended their last run without having done their work.'
    query: '''
AppTraces
| where Message startswith '{"event":"run"'
| extend run = parse_json(Message)
| extend company = tostring(run.company), user = tostring(run.user), outcome = tostring(run.outcome)
| where tostring(run.code) != 'superseded'
| summarize arg_max(TimeGenerated, outcome) by company, user
| summarize failing = countif(outcome in ('stopped', 'later')), pairs = count()
| where failing >= 10 and failing * 20 > pairs
'''
  }
  {
    name: 'consent-revoked'
    severity: 2
    every: 'PT15M'
    window: 'PT1H'
    summary: 'Microsoft 365 refuses the service in a whole company: its consent is missing or was taken back.'
    query: '''
AppTraces
| where Message startswith '{"event":"run"'
| extend run = parse_json(Message)
| where tostring(run.code) in ('consent_missing', 'tenant_unknown')
| summarize pairs = dcount(tostring(run.user)) by company = tostring(run.company), code = tostring(run.code)
'''
  }
  {
    name: 'credentials-refused'
    severity: 0
    every: 'PT5M'
    window: 'PT15M'
    summary: 'The service cannot prove itself, or cannot open what it stored: no company is synchronized.'
    query: '''
AppTraces
| where Message startswith '{"event":"run"'
| extend run = parse_json(Message)
| where tostring(run.code) in ('app_credentials_refused', 'storage_key_unknown', 'storage_forbidden', 'vault_forbidden')
| summarize runs = count() by code = tostring(run.code)
'''
  }
  {
    name: 'throttling'
    severity: 2
    every: 'PT15M'
    window: 'PT30M'
    summary: 'More than one run in five, and at least twenty, were put off because Microsoft or Severa asked to slow down.'
    query: '''
AppTraces
| where Message startswith '{"event":"run"'
| extend run = parse_json(Message)
| extend slowed = tostring(run.code) in ('throttled', 'severa_throttled') or tostring(run.refused) contains 'throttled'
| summarize slowed = countif(slowed), runs = count()
| where slowed >= 20 and slowed * 5 > runs
'''
  }
  {
    name: 'notifications-slow'
    severity: 2
    every: 'PT15M'
    window: 'PT30M'
    summary: 'One in a hundred notifications took more than a second: Microsoft drops those of an endpoint that is slow.'
    query: '''
AppRequests
| where Name == 'graphnotifications'
| summarize p99 = percentile(DurationMs, 99), told = count()
| where told >= 20 and p99 > 1000
'''
  }
  {
    name: 'subscriptions-silent'
    severity: 2
    every: 'PT1H'
    window: 'PT6H'
    summary: 'Runs found changes for six hours, and Microsoft told of none: polling serves, up to 15 minutes late.'
    query: '''
let told = toscalar(AppRequests | where Name == 'graphnotifications' and Success == true | count);
AppTraces
| where Message startswith '{"event":"run"'
| extend run = parse_json(Message)
| where toint(run.noticed) > 0
| count
| where Count >= 50 and told == 0
'''
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(alertAddress)) {
  name: '${prefix}-people'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'severa-sync'
    enabled: true
    emailReceivers: [
      {
        name: 'on call'
        emailAddress: alertAddress
        useCommonAlertSchema: true
      }
    ]
  }
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2022-06-15' = [for alert in alerts: {
  name: '${prefix}-${alert.name}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: '${prefix}: ${alert.name}'
    description: alert.summary
    severity: alert.severity
    enabled: true
    scopes: [
      workspaceId
    ]
    evaluationFrequency: alert.every
    windowSize: alert.window
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: alert.query
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: {
      actionGroups: empty(alertAddress) ? [] : [
        people.id
      ]
    }
  }
}]
