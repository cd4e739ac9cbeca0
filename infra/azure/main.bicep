// The service in one resource group, docs/azure.md. Plain resources; modules of our own where they keep things apart.
targetScope = 'resourceGroup'

@description('First part of every name.')
@maxLength(12)
param name string = 'severa-sync'

@description('Which of our environments this is.')
@allowed([
  'dev'
  'test'
  'prod'
])
param environmentName string

@description('Azure region: one that has Flex Consumption with Python 3.13.')
param location string = resourceGroup().location

@description('Client id of the application registration (register-app.sh).')
param appClientId string

@description('Issuer, audience and keys of the bearer tokens of the Severa front end. All or none.')
param jwtIssuer string = ''
param jwtAudience string = ''
param jwksUrl string = ''
param jwtAlgorithms string = 'RS256'

@description('Origins of the web front end, separated by blanks.')
param frontEndOrigins string = ''

@description('Where browsers and Microsoft Graph reach this service; empty: the address that Azure gives.')
param publicUrl string = ''

@description('Where Microsoft Graph reaches it, if elsewhere.')
param notificationsUrl string = ''

@description('Microsoft Graph with its version, of the cloud in use.')
param graphUrl string = 'https://graph.microsoft.com/v1.0'

@description('Severa REST API.')
param severaUrl string = 'https://api.severa.visma.com/rest-api'

@description('Networks beside the public internet where Exchange Servers may be: CIDR, separated by blanks.')
param allowedNetworks string = ''

@description('Whether the vault holds the secret sync-earlier-keys (docs/secrets.md, master key).')
param hasEarlierKeys bool = false

@description('HTTP instances that are always there: notifications and people do not wait for a cold start.')
param alwaysReadyHttp int = 1

@description('HTTP calls that one instance serves at once; the handlers are asynchronous.')
param httpConcurrency int = 32

@description('Instances at most, all functions together.')
param maximumInstances int = 40

@description('Memory of an instance in MB: 512, 2048 or 4096.')
param instanceMemory int = 2048

@description('A virtual network: fixed outbound address, and the way to Exchange Servers on private addresses.')
param virtualNetwork bool = false

@description('Addresses of that network; the app takes all of it but what Azure keeps.')
param addressSpace string = '10.80.0.0/26'

@description('Replication of the storage account.')
@allowed([
  'Standard_LRS'
  'Standard_ZRS'
  'Standard_GZRS'
])
param replication string = 'Standard_ZRS'

@description('Days that logs are kept.')
param logDays int = 30

@description('Who is written to when something needs a person; empty: alerts only show in the portal.')
param alertAddress string = ''

var prefix = '${name}-${environmentName}'
var unique = uniqueString(resourceGroup().id, prefix)
var appName = '${prefix}-${take(unique, 6)}'
var tags = {
  service: 'severa-calendar-sync'
  environment: environmentName
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${prefix}-identity'
  location: location
  tags: tags
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  params: {
    prefix: prefix
    location: location
    tags: tags
    logDays: logDays
  }
}

module network 'modules/network.bicep' = if (virtualNetwork) {
  name: 'network'
  params: {
    prefix: prefix
    location: location
    tags: tags
    addressSpace: addressSpace
    workspaceId: monitoring.outputs.workspaceId
  }
}

var subnetId = virtualNetwork ? network.outputs.subnetId : ''

module storage 'modules/storage.bicep' = {
  name: 'storage'
  params: {
    accountName: take('st${environmentName}${unique}', 24)
    location: location
    tags: tags
    replication: replication
    subnetId: subnetId
    workspaceId: monitoring.outputs.workspaceId
  }
}

// Two vaults, so that the right to write companies' secrets is no right to our own.
module ownVault 'modules/vault.bicep' = {
  name: 'own-vault'
  params: {
    vaultName: take('kv-own-${environmentName}-${unique}', 24)
    location: location
    tags: tags
    subnetId: subnetId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module companyVault 'modules/vault.bicep' = {
  name: 'company-vault'
  params: {
    vaultName: take('kv-co-${environmentName}-${unique}', 24)
    location: location
    tags: tags
    subnetId: subnetId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module roles 'modules/roles.bicep' = {
  name: 'roles'
  params: {
    principalId: identity.properties.principalId
    storageName: storage.outputs.accountName
    ownVaultName: ownVault.outputs.vaultName
    companyVaultName: companyVault.outputs.vaultName
    insightsName: monitoring.outputs.insightsName
  }
}

module app 'modules/app.bicep' = {
  name: 'app'
  params: {
    appName: appName
    location: location
    tags: tags
    identityId: identity.id
    identityClientId: identity.properties.clientId
    storageName: storage.outputs.accountName
    containerName: storage.outputs.containerName
    insightsConnection: monitoring.outputs.insightsConnection
    workspaceId: monitoring.outputs.workspaceId
    ownVaultUri: ownVault.outputs.vaultUri
    companyVaultUri: companyVault.outputs.vaultUri
    subnetId: subnetId
    alwaysReadyHttp: alwaysReadyHttp
    httpConcurrency: httpConcurrency
    maximumInstances: maximumInstances
    instanceMemory: instanceMemory
    appClientId: appClientId
    jwtIssuer: jwtIssuer
    jwtAudience: jwtAudience
    jwksUrl: jwksUrl
    jwtAlgorithms: jwtAlgorithms
    frontEndOrigins: frontEndOrigins
    publicUrl: publicUrl
    notificationsUrl: notificationsUrl
    graphUrl: graphUrl
    severaUrl: severaUrl
    allowedNetworks: allowedNetworks
    hasEarlierKeys: hasEarlierKeys
  }
  // The app reads its package and its secrets with these roles as soon as it is there.
  dependsOn: [
    roles
  ]
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  params: {
    prefix: prefix
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    alertAddress: alertAddress
  }
}

output appName string = appName
output hostName string = app.outputs.hostName
output identityPrincipalId string = identity.properties.principalId
output ownVaultName string = ownVault.outputs.vaultName
output outboundAddress string = virtualNetwork ? network.outputs.outboundAddress : ''
