// What the service's identity may do, each on one resource, each with its reason.
param principalId string
param storageName string
param ownVaultName string
param companyVaultName string
param insightsName string

// Locks of timers, keys of the host, and the deployed package: the Functions host asks for Owner, not Contributor.
var blobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
// Messages are put, read and deleted; queues are made by this template, not by the app.
var queueDataContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
// Rows are read and written; tables are made by this template.
var tableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
// Our own secrets are only read, by Key Vault references.
var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
// Companies' secrets are written by their administrators through the service, removed at the end, and recovered.
var secretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'
// Telemetry with an Entra token.
var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageName
}

resource ownVault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: ownVaultName
}

resource companyVault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: companyVaultName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource blobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage.id, principalId, blobDataOwner)
  scope: storage
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataOwner)
  }
}

resource queues 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage.id, principalId, queueDataContributor)
  scope: storage
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', queueDataContributor)
  }
}

resource tables 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage.id, principalId, tableDataContributor)
  scope: storage
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableDataContributor)
  }
}

resource ownSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(ownVault.id, principalId, secretsUser)
  scope: ownVault
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
  }
}

resource companySecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(companyVault.id, principalId, secretsOfficer)
  scope: companyVault
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsOfficer)
  }
}

resource telemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, principalId, metricsPublisher)
  scope: insights
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
  }
}
