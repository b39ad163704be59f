-- Health of an Ambassador for Argo CD: resource.customizations.health.ambassador.link_Ambassador in the ConfigMap argocd-cm.
-- https://argo-cd.readthedocs.io/en/stable/operator-manual/health/#custom-health-checks
local status = obj.status
if status == nil or status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "No operator has processed the latest edit yet." }
end

local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end

if conditions.Stalled ~= nil and conditions.Stalled.status == "True" then
  return { status = "Degraded", message = conditions.Stalled.message }
end
if conditions.Reconciling ~= nil and conditions.Reconciling.status == "True" then
  return { status = "Progressing", message = conditions.Reconciling.message }
end
if conditions.Ready ~= nil and conditions.Ready.status == "True" then
  return { status = "Healthy", message = conditions.Ready.message }
end
return { status = "Progressing", message = "The Ambassador has no condition yet." }
