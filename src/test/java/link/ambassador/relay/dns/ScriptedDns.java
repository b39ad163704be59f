package link.ambassador.relay.dns;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseEncoder;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DefaultDnsResponse;
import io.netty.handler.codec.dns.DnsQuery;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.handler.codec.dns.TcpDnsQueryDecoder;
import io.netty.handler.codec.dns.TcpDnsResponseEncoder;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A name server on loopback that answers as scripted, and records its queries. A name without a script does not exist.
 * A name with a script for one type only has no records of the others. Its answers are not authoritative, like most
 * answers of a pod's server.
 */
final class ScriptedDns implements AutoCloseable {
    private final NioEventLoopGroup group = new NioEventLoopGroup(1);
    private final Map<String, Map<DnsRecordType, Reply>> script = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final List<Runnable> withheld = new ArrayList<>();
    private final Map<String, Integer> fitting = new ConcurrentHashMap<>();
    private final Set<Integer> udpPorts = ConcurrentHashMap.newKeySet();
    private final AtomicInteger overUdp = new AtomicInteger();
    private final AtomicInteger overTcp = new AtomicInteger();
    private volatile boolean withoutUdp;
    private volatile boolean withoutTcp;
    private volatile DnsResponseCode forOpt;
    private final Channel channel;
    private final Channel tcp;
    private boolean withholding;

    /** A null code means no response. */
    private record Reply(DnsResponseCode code, List<DefaultDnsRawRecord> records) {
        static final Reply SILENCE = new Reply(null, List.of());
    }

    ScriptedDns() {
        // TCP first, because its ports are scarcer.
        tcp = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel opened) {
                        opened.pipeline().addLast(new TcpDnsQueryDecoder(), new TcpDnsResponseEncoder(), new OverTcp());
                    }
                })
                .bind(NetUtil.LOCALHOST4, 0)
                .syncUninterruptibly()
                .channel();
        channel = new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel opened) {
                        opened.pipeline()
                                .addLast(
                                        new DatagramDnsQueryDecoder(), new DatagramDnsResponseEncoder(), new OverUdp());
                    }
                })
                .bind(tcp.localAddress())
                .syncUninterruptibly()
                .channel();
    }

    /** The address, as {@code nameserver} in resolv.conf writes it. */
    String address() {
        InetSocketAddress bound = (InetSocketAddress) channel.localAddress();
        return bound.getAddress().getHostAddress() + "#" + bound.getPort();
    }

    /** Sets the addresses of a name, each in its family, and replaces those before. */
    void addresses(String name, int ttl, String... addresses) {
        script.remove(name);
        chain(name, name, ttl, ttl, addresses);
    }

    /** Makes a name an alias of another one; one response has the alias and the addresses. */
    void alias(String name, int aliasTtl, String of, int ttl, String... addresses) {
        script.remove(name);
        chain(name, of, aliasTtl, ttl, addresses);
    }

    /** Adds an address of another name to the response for a name. */
    void beside(String name, String other, String address) {
        script.get(name).computeIfPresent(DnsRecordType.A, (type, reply) -> {
            List<DefaultDnsRawRecord> records = new ArrayList<>(reply.records());
            records.add(new DefaultDnsRawRecord(
                    other + ".",
                    type,
                    30,
                    Unpooled.wrappedBuffer(NetUtil.createByteArrayFromIpAddressString(address))));
            return new Reply(reply.code(), records);
        });
    }

    void code(String name, DnsRecordType type, DnsResponseCode code) {
        put(name, type, new Reply(code, List.of()));
    }

    void code(String name, DnsResponseCode code) {
        code(name, DnsRecordType.A, code);
        code(name, DnsRecordType.AAAA, code);
    }

    void silent(String name, DnsRecordType type) {
        put(name, type, Reply.SILENCE);
    }

    void silent(String name) {
        silent(name, DnsRecordType.A);
        silent(name, DnsRecordType.AAAA);
    }

    /** Sends only this many records of a name over UDP, and says that there are more. */
    void truncate(String name, int records) {
        fitting.put(name, records);
    }

    void gone(String name) {
        script.remove(name);
    }

    /** Reverses the records of a name, so that addresses come before their alias. */
    void reverse(String name) {
        script.get(name).replaceAll((type, reply) -> {
            List<DefaultDnsRawRecord> reversed = new ArrayList<>(reply.records());
            Collections.reverse(reversed);
            return new Reply(reply.code(), reversed);
        });
    }

    /** Does not respond over UDP. */
    void withoutUdp() {
        withoutUdp = true;
    }

    /** Closes each TCP connection without a response. */
    void withoutTcp() {
        withoutTcp = true;
    }

    /** Does not know EDNS0: responds to a query with an OPT record with this code only. */
    void withoutEdns(DnsResponseCode code) {
        forOpt = code;
    }

    /** The source ports of the datagrams. */
    Set<Integer> udpPorts() {
        return udpPorts;
    }

    int overUdp() {
        return overUdp.get();
    }

    int overTcp() {
        return overTcp.get();
    }

    /** Holds responses back until {@link #deliver()}. */
    void withhold() {
        group.submit(() -> withholding = true).syncUninterruptibly();
    }

    void deliver() {
        group.submit(() -> {
                    withholding = false;
                    withheld.forEach(Runnable::run);
                    withheld.clear();
                })
                .syncUninterruptibly();
    }

    /** How many queries there were for a name and type. */
    long asked(String name, DnsRecordType type) {
        return asked.stream().filter((type.name() + " " + name)::equals).count();
    }

    /** The names of the A queries, in their order. */
    List<String> asked() {
        return asked.stream()
                .filter(what -> what.startsWith("A "))
                .map(what -> what.substring(2))
                .toList();
    }

    @Override
    public void close() {
        tcp.close().syncUninterruptibly();
        channel.close().syncUninterruptibly();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private void chain(String name, String owner, int aliasTtl, int ttl, String... addresses) {
        for (DnsRecordType type : List.of(DnsRecordType.A, DnsRecordType.AAAA)) {
            List<DefaultDnsRawRecord> records = new ArrayList<>();
            if (!owner.equals(name)) {
                records.add(new DefaultDnsRawRecord(name + ".", DnsRecordType.CNAME, aliasTtl, encoded(owner)));
            }
            for (String address : addresses) {
                byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
                if (bytes.length == (type.equals(DnsRecordType.A) ? 4 : 16)) {
                    records.add(new DefaultDnsRawRecord(owner + ".", type, ttl, Unpooled.wrappedBuffer(bytes)));
                }
            }
            put(name, type, new Reply(DnsResponseCode.NOERROR, records));
        }
    }

    private static ByteBuf encoded(String name) {
        ByteBuf labels = Unpooled.buffer();
        for (String label : name.split("\\.", -1)) {
            labels.writeByte(label.length()).writeCharSequence(label, StandardCharsets.US_ASCII);
        }
        return labels.writeByte(0);
    }

    private void put(String name, DnsRecordType type, Reply reply) {
        script.computeIfAbsent(name, key -> new ConcurrentHashMap<>()).put(type, reply);
    }

    private Reply reply(String name, DnsRecordType type) {
        Map<DnsRecordType, Reply> types = script.get(name);
        return types == null
                ? new Reply(DnsResponseCode.NXDOMAIN, List.of())
                : types.getOrDefault(type, new Reply(DnsResponseCode.NOERROR, List.of()));
    }

    private DnsResponse fill(DnsResponse response, DnsQuestion question, Reply reply, int fitting) {
        response.addRecord(DnsSection.QUESTION, question);
        response.setRecursionDesired(true).setRecursionAvailable(true).setCode(reply.code());
        for (DefaultDnsRawRecord record :
                reply.records().stream().limit(fitting).toList()) {
            response.addRecord(DnsSection.ANSWER, record.copy());
        }
        return response.setTruncated(fitting < Integer.MAX_VALUE);
    }

    private static String name(DnsQuestion question) {
        return question.name().substring(0, question.name().length() - 1);
    }

    private final class OverUdp extends SimpleChannelInboundHandler<DatagramDnsQuery> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, DatagramDnsQuery query) {
            DnsQuestion question = query.recordAt(DnsSection.QUESTION);
            InetSocketAddress asker = query.sender();
            InetSocketAddress here = query.recipient();
            int id = query.id();
            boolean opt = query.count(DnsSection.ADDITIONAL) > 0;
            asked.add(question.type().name() + " " + name(question));
            udpPorts.add(asker.getPort());
            overUdp.incrementAndGet();
            Runnable answer = () -> {
                Reply reply =
                        opt && forOpt != null ? new Reply(forOpt, List.of()) : reply(name(question), question.type());
                if (reply.code() != null && !withoutUdp) {
                    DnsResponse response = new DatagramDnsResponse(here, asker, id);
                    int records = fitting.getOrDefault(name(question), Integer.MAX_VALUE);
                    var unused = ctx.writeAndFlush(fill(response, question, reply, records), ctx.voidPromise());
                }
            };
            if (withholding) {
                withheld.add(answer);
            } else {
                answer.run();
            }
        }
    }

    private final class OverTcp extends SimpleChannelInboundHandler<DnsQuery> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, DnsQuery query) {
            overTcp.incrementAndGet();
            if (withoutTcp) {
                var unused = ctx.close();
                return;
            }
            DnsQuestion question = query.recordAt(DnsSection.QUESTION);
            Reply reply = reply(name(question), question.type());
            var unused = ctx.writeAndFlush(
                    fill(new DefaultDnsResponse(query.id()), question, reply, Integer.MAX_VALUE), ctx.voidPromise());
        }
    }
}
