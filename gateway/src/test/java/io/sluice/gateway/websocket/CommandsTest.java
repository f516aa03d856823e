package io.sluice.gateway.websocket;

import static io.sluice.gateway.websocket.RecordedConnection.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.resolver.Json;
import io.sluice.resolver.MalformedException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {

    private static final SessionSettings SMALL = new SessionSettings(
            2000, 3, 5, 10, 10, Duration.ofSeconds(25), Duration.ofSeconds(10), Duration.ofSeconds(15));

    private final Commands commands = new Commands(SMALL);

    private List<Command> parse(String frame) {
        return commands.parse(utf8(frame.replace('\'', '"')));
    }

    @Test
    void everyCommandIsRead() {
        assertThat(parse("{'id':1,'connect':{'token':'t','name':'js','version':'5','flag':8,'subs':{}}}"))
                .containsExactly(new Command.Connect(1, "t"));
        assertThat(parse("{'id':2,'subscribe':{'channel':'customer:1'}}"))
                .containsExactly(new Command.Subscribe(2, "customer:1", null, false, 0, false));
        assertThat(parse("{'id':3,'unsubscribe':{'channel':'customer:1'}}"))
                .containsExactly(new Command.Unsubscribe(3, "customer:1"));
        assertThat(parse("{'id':4,'publish':{'channel':'customer:1','data':{'a':1}}}"))
                .containsExactly(
                        new Command.Publish(4, "customer:1", Json.newObject().put("a", 1), 0));
        assertThat(parse("{'id':5,'presence':{'channel':'c'}}")).containsExactly(new Command.Presence(5, "c"));
        assertThat(parse("{'id':6,'presence_stats':{'channel':'c'}}"))
                .containsExactly(new Command.PresenceStats(6, "c"));
        assertThat(parse("{'id':7,'rpc':{'method':'get','data':{'key':'k'}}}"))
                .containsExactly(new Command.Rpc(7, "get", Json.newObject().put("key", "k")));
        assertThat(parse("{'id':8,'refresh':{'token':'t'}}")).containsExactly(new Command.Refresh(8));
        assertThat(parse("{'id':9,'sub_refresh':{'channel':'c','token':'t'}}"))
                .containsExactly(new Command.SubRefresh(9, "c"));
        assertThat(parse("{'send':{'data':1}}")).containsExactly(new Command.Send(0));
        assertThat(parse("{}")).containsExactly(new Command.Pong());
    }

    @Test
    void aDocumentAsDeepAsMayBeFitsIntoItsCommand() {
        Commands deep = new Commands(SessionSettings.ofDocuments(2_000, Json.MAX_DEPTH));
        String document = "{\"a\":" + "[".repeat(Json.MAX_DEPTH - 1) + "]".repeat(Json.MAX_DEPTH - 1) + "}";
        String call = "{\"id\":1,\"rpc\":{\"method\":\"put\",\"data\":{\"key\":\"k\",\"state\":" + document + "}}}";
        assertThat(deep.parse(utf8(call))).hasSize(1);
        assertThatThrownBy(() -> deep.parse(utf8(call.replace("[]", "[[[]]]")))).isInstanceOf(MalformedException.class);
    }

    @Test
    void aPositionIsReadWhereItIsAskedFor() {
        assertThat(parse("{'id':2,'subscribe':{'channel':'c','recover':true,'epoch':'7','offset':41,'flag':3}}"))
                .containsExactly(new Command.Subscribe(2, "c", new Position("7", 41), true, 0, false));
        assertThat(parse("{'id':2,'subscribe':{'channel':'c','recover':true}}"))
                .containsExactly(new Command.Subscribe(2, "c", Position.NONE, false, 0, false));
        assertThat(parse("{'id':2,'subscribe':{'channel':'c','recover':false,'offset':41}}"))
                .containsExactly(new Command.Subscribe(2, "c", null, false, 0, false));
        assertThat(parse("{'id':2,'subscribe':{'channel':'c','recover':true,'offset':18446744073709551615}}"))
                .containsExactly(new Command.Subscribe(2, "c", new Position("", Long.MAX_VALUE), false, 0, false));
        assertThat(
                        parse(
                                "{'id':5,'history':{'channel':'c','limit':-1,'since':{'offset':3,'epoch':'1'},'reverse':true}}"))
                .containsExactly(new Command.History(5, "c", -1, new Position("1", 3), true));
        assertThat(parse("{'id':5,'history':{'channel':'c'}}"))
                .containsExactly(new Command.History(5, "c", 0, null, false));
    }

    @Test
    void whatIsUnknownIsNotLookedAt() {
        assertThat(parse("{'id':3,'trace':{'x':[1]},'unsubscribe':{'channel':'c','why':null},'connect':null}"))
                .containsExactly(new Command.Unsubscribe(3, "c"));
        assertThat(parse("{'trace':true}")).containsExactly(new Command.Pong());
    }

    @Test
    void aFrameHasManyLines() {
        assertThat(parse("{'id':1,'connect':{}}\n\r\n{}\n \n{'send':{}}\n"))
                .containsExactly(new Command.Connect(1, ""), new Command.Pong(), new Command.Send(0));
        assertThat(parse("{}\n{}\n{}")).hasSize(3);
        assertThatThrownBy(() -> parse("{}\n{}\n{}\n{}")).isInstanceOf(MalformedException.class);
    }

    @Test
    void aFrameIsBounded() {
        assertThat(parse("{}" + " ".repeat(1998))).hasSize(1);
        assertThatThrownBy(() -> parse("{}" + " ".repeat(1999)))
                .isInstanceOf(MalformedException.class)
                .hasMessage("frame: 2001 bytes (expected: at most 2000)");
    }

    @Test
    void aFrameIsAsDeepAsADocumentInACall() {
        assertThat(parse("{'id':1,'rpc':{'method':'put','data':{'state':" + "[".repeat(6) + "]".repeat(6) + "}}}"))
                .hasSize(1);
        assertThatThrownBy(() ->
                        parse("{'id':1,'rpc':{'method':'put','data':{'state':" + "[".repeat(7) + "]".repeat(7) + "}}}"))
                .isInstanceOf(MalformedException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "\n\n",
                "[]",
                "1",
                "null",
                "'connect'",
                "{",
                "{}}",
                "{}{}",
                "{'id':1}",
                "{'id':1,'foo':{}}",
                "{'id':5,'ping':{}}",
                "{'id':1,'connect':null}",
                "{'id':1,'connect':[]}",
                "{'id':1,'connect':true}",
                "{'id':1,'connect':{'token':1}}",
                "{'id':'1','connect':{}}",
                "{'id':1.0,'connect':{}}",
                "{'id':-1,'connect':{}}",
                "{'id':4294967296,'connect':{}}",
                "{'connect':{}}",
                "{'id':0,'connect':{}}",
                "{'id':1,'id':2,'connect':{}}",
                "{'id':1,'connect':{},'subscribe':{'channel':'c'}}",
                "{'id':1,'subscribe':{}}",
                "{'id':1,'subscribe':{'channel':''}}",
                "{'id':1,'subscribe':{'channel':7}}",
                "{'id':1,'subscribe':{'channel':'c','recover':1}}",
                "{'id':1,'subscribe':{'channel':'c','recover':true,'offset':-1}}",
                "{'id':1,'subscribe':{'channel':'c','recover':true,'offset':'1'}}",
                "{'id':1,'subscribe':{'channel':'c','recover':true,'offset':1.5}}",
                "{'id':1,'subscribe':{'channel':'c','recover':true,'offset':18446744073709551616}}",
                "{'id':1,'subscribe':{'channel':'c','recover':true,'epoch':1}}",
                "{'id':1,'subscribe':{'channel':'c','flag':'x'}}",
                "{'id':1,'subscribe':{'channel':'c','tf':'x'}}",
                "{'id':1,'subscribe':{'channel':'\\ud800'}}",
                "{'id':1,'unsubscribe':{}}",
                "{'id':1,'publish':{'data':{}}}",
                "{'id':1,'history':{}}",
                "{'id':1,'history':{'channel':'c','since':1}}",
                "{'id':1,'history':{'channel':'c','limit':2147483648}}",
                "{'id':1,'sub_refresh':{}}",
                "{'id':1,'rpc':{'method':{}}}",
            })
    void whatIsNoCommandIsRefused(String frame) {
        assertThatThrownBy(() -> parse(frame)).isInstanceOf(MalformedException.class);
    }
}
