package link.ambassador.webhook;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import link.ambassador.config.Labels;

/** Pods of an attacker: each list of the document is as long as the API server allows. */
public enum LargePod {
    INIT_CONTAINERS {
        @Override
        void fill(ObjectNode spec, int count) {
            ArrayNode containers = spec.putArray("initContainers");
            for (int i = 0; i < count; i++) {
                containers.addObject().put("name", "init-" + i).put("image", "x");
            }
            relay(containers);
        }
    },
    HOST_ALIASES {
        @Override
        void fill(ObjectNode spec, int count) {
            ArrayNode aliases = spec.putArray("hostAliases");
            for (int i = 0; i < count; i++) {
                String address = "10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255);
                aliases.addObject().put("ip", address).putArray("hostnames").add("n" + i);
            }
        }
    },
    HOST_ALIASES_OF_TWO_ADDRESSES {
        @Override
        void fill(ObjectNode spec, int count) {
            ArrayNode aliases = spec.putArray("hostAliases");
            for (int i = 0; i < count; i++) {
                aliases.addObject()
                        .put("ip", "10.0.0." + i % 2)
                        .putArray("hostnames")
                        .add("n" + i);
            }
        }
    },
    VARIABLES {
        @Override
        void fill(ObjectNode spec, int count) {
            ArrayNode variables = ((ObjectNode) spec.path("containers").path(0)).putArray("env");
            for (int i = 0; i < count; i++) {
                variables.addObject().put("name", "N" + i).put("value", "v");
            }
        }
    },
    MOUNTS_OF_A_MADE_UP_RELAY {
        @Override
        void fill(ObjectNode spec, int count) {
            ArrayNode mounts = relay(spec.putArray("initContainers")).putArray("volumeMounts");
            for (int i = 0; i < count; i++) {
                mounts.addObject().put("name", "v").put("mountPath", "/m" + i);
            }
        }
    },
    VOLUMES {
        @Override
        void fill(ObjectNode spec, int count) {
            ArrayNode volumes = spec.putArray("volumes");
            for (int i = 0; i < count; i++) {
                volumes.addObject().put("name", "v" + i).putObject("emptyDir");
            }
        }
    },
    ANNOUNCED_ALIASES {
        @Override
        void fill(ObjectNode spec, int count) {}

        @Override
        String aliases(int count) {
            StringBuilder aliases = new StringBuilder("redis");
            for (int i = 0; i < count; i++) {
                aliases.append(",a").append(i);
            }
            return aliases.toString();
        }
    };

    abstract void fill(ObjectNode spec, int count);

    String aliases(int count) {
        return "redis";
    }

    /** One that asks for a relay. */
    public ObjectNode of(int count) {
        ObjectNode pod = JsonNodeFactory.instance.objectNode();
        pod.put("apiVersion", "v1").put("kind", "Pod");
        ObjectNode metadata = pod.putObject("metadata").put("name", "large");
        metadata.putObject("labels").put("app", "web").put(Labels.INJECT, "true");
        metadata.putObject("annotations").put("ambassador.link/aliases", aliases(count));
        ObjectNode spec = pod.putObject("spec");
        spec.putArray("containers").addObject().put("name", "app").put("image", "x");
        fill(spec, count);
        return pod;
    }

    private static ObjectNode relay(ArrayNode initContainers) {
        ObjectNode relay = initContainers
                .addObject()
                .put("name", "ambassador-relay")
                .put("image", "x")
                .put("restartPolicy", "Always");
        relay.putArray("env").addObject().put("name", "AMBASSADOR_LINKS_FILE").put("value", "x");
        return relay;
    }
}
