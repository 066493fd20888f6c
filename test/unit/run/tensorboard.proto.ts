/** TensorBoard's message schemas, as far as an event file uses them: field names, numbers and types as documented there. */
export const schema = `
syntax = "proto3";
message Event {
	double wall_time = 1;
	int64 step = 2;
	oneof what { string file_version = 3; Summary summary = 5; }
}
message Summary {
	message Image { int32 height = 1; int32 width = 2; int32 colorspace = 3; bytes encoded_image_string = 4; }
	message Value {
		string tag = 1;
		SummaryMetadata metadata = 9;
		oneof value { float simple_value = 2; Image image = 4; HistogramProto histo = 5; TensorProto tensor = 8; }
	}
	repeated Value value = 1;
}
message SummaryMetadata {
	message PluginData { string plugin_name = 1; bytes content = 2; }
	PluginData plugin_data = 1;
	int32 data_class = 4;
}
message HistogramProto {
	double min = 1; double max = 2; double num = 3; double sum = 4; double sum_squares = 5;
	repeated double bucket_limit = 6 [packed = true];
	repeated double bucket = 7 [packed = true];
}
message TensorProto { int32 dtype = 1; TensorShapeProto tensor_shape = 2; repeated bytes string_val = 8; }
message TensorShapeProto { message Dim { int64 size = 1; } repeated Dim dim = 2; }
message HParamsPluginData {
	int32 version = 1;
	oneof data { Experiment experiment = 2; SessionStartInfo session_start_info = 3; SessionEndInfo session_end_info = 4; }
}
message Experiment { repeated HParamInfo hparam_infos = 4; repeated MetricInfo metric_infos = 5; }
message HParamInfo { string name = 1; int32 type = 4; }
message MetricInfo { MetricName name = 1; }
message MetricName { string group = 1; string tag = 2; }
message SessionStartInfo { map<string, Value> hparams = 1; double start_time_secs = 5; }
message SessionEndInfo { int32 status = 1; double end_time_secs = 2; }
message Value { oneof kind { int32 null_value = 1; double number_value = 2; string string_value = 3; bool bool_value = 4; } }
`;
