BEGIN TRANSACTION;
CREATE TABLE activation_maps (
	study_id INTEGER NOT NULL, 
	made_at DATETIME NOT NULL, 
	scores JSON NOT NULL, 
	picture BLOB NOT NULL, 
	CONSTRAINT pk_activation_maps PRIMARY KEY (study_id), 
	CONSTRAINT fk_activation_maps_study_id FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE
);
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	actor VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	address VARCHAR NOT NULL, 
	action VARCHAR NOT NULL, 
	study VARCHAR, 
	detail VARCHAR, 
	CONSTRAINT pk_audit PRIMARY KEY (id)
);
CREATE TABLE choice (
	id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	made_at DATETIME NOT NULL, 
	after_trials INTEGER NOT NULL, 
	method VARCHAR NOT NULL, 
	alpha DOUBLE NOT NULL, 
	beta DOUBLE NOT NULL, 
	gamma DOUBLE NOT NULL, 
	shares JSON NOT NULL, 
	accuracy DOUBLE NOT NULL, 
	result JSON NOT NULL, portrait JSON, 
	CONSTRAINT pk_choice PRIMARY KEY (id), 
	CONSTRAINT fk_choice_study_id FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE
);
INSERT INTO "choice" VALUES(1,1,'2026-11-26 09:09:50.950116',4,'best mean',1.0,1.31250000000000066613e+00,1.00424244366079173929e+00,'[0.0, 0.9846706267333091, 0.015329373266690935]',0.140625,'{"alpha": 1.0, "beta": 1.3125000000000007, "gamma": 1.0042424436607917, "product": 1.7373037991076623, "shares": [0.0, 0.9846706267333091, 0.015329373266690935], "key": "d16-w320-r6-2f5738", "accuracy": 0.140625, "accuracy_interval": [0.134045, 0.147205], "method": "best mean", "runs": 4, "networks": 4, "seed_noise": null, "network_effect": null, "expected_regret": null, "tie_region": [{"key": "d16-w264-r7-90b5e3", "shares": [0.0, 0.0, 1.0]}, {"key": "d16-w320-r6-2f5738", "shares": [0.0, 0.9846706267333091, 0.015329373266690935]}, {"key": "d16-w372-r5-2dad76", "shares": [0.0, 1.0, 0.0]}, {"key": "d26-w264-r6-7e8d18", "shares": [0.9947314430917678, 0.0, 0.005268556908232281]}], "tie_fraction": 1.0, "probability_better_than": {}, "verdict": "these networks differ in real cost, so accuracy partly ranks their cost: the best observed mean, as in the literature", "optima": [], "cross_check": null, "lack_of_fit": null, "movement": null, "warnings": [], "intervals": null, "network": {"base": "efficientnet_b0", "stem": 6, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 4, "blocks": 1}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 6, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 8, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 12, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 16, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 28, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 48, "blocks": 1}], "head": 192, "resolution": 6, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}, "family": {"base": "efficientnet_b0", "rounding": "nearest", "alpha": 1.0, "beta": 1.3125000000000007, "gamma": 1.0042424436607917, "models": [{"name": "b0", "phi": 0.0, "depth": 1.0, "width": 1.0, "resolution": 224, "dropout": 0.2, "repeats": [1, 2, 2, 3, 3, 4, 1], "channels": [32, 16, 24, 40, 80, 112, 192, 320, 1280], "params": 5288548, "macs": 385814752, "macs_ratio": 1.0, "target_ratio": 1.0}, {"name": "b1", "phi": 0.5, "depth": 1.0, "width": 1.119364379363644, "resolution": 225, "dropout": 0.2, "repeats": [1, 2, 2, 3, 3, 4, 1], "channels": [32, 16, 24, 48, 88, 128, 216, 360, 1432], "params": 6479522, "macs": 546233072, "macs_ratio": 1.4157910478239049, "target_ratio": 1.4142135623730951}, {"name": "b2", "phi": 1.0, "depth": 1.0, "width": 1.3125000000000653, "resolution": 225, "dropout": 0.3, "repeats": [1, 2, 2, 3, 3, 4, 1], "channels": [40, 24, 32, 56, 104, 144, 256, 424, 1680], "params": 8591414, "macs": 774570944, "macs_ratio": 2.007623969754272, "target_ratio": 2.0}, {"name": "b3", "phi": 2.0, "depth": 1.0, "width": 1.883392857145336, "resolution": 231, "dropout": 0.3, "repeats": [1, 2, 2, 3, 3, 4, 1], "channels": [64, 32, 48, 72, 152, 208, 360, 600, 2408], "params": 16103330, "macs": 1537261296, "macs_ratio": 3.9844544254233183, "target_ratio": 4.0}, {"name": "b4", "phi": 3.5, "depth": 1.0, "width": 3.2337500000077974, "resolution": 233, "dropout": 0.4, "repeats": [1, 2, 2, 3, 3, 4, 1], "channels": [104, 48, 80, 128, 256, 360, 624, 1032, 4136], "params": 44422860, "macs": 4377091744, "macs_ratio": 11.345060605666006, "target_ratio": 11.313708498984761}, {"name": "b5", "phi": 5.0, "depth": 1.0, "width": 5.472500000011271, "resolution": 233, "dropout": 0.4, "repeats": [1, 2, 2, 3, 3, 4, 1], "channels": [176, 88, 128, 216, 440, 616, 1048, 1752, 7008], "params": 121159190, "macs": 12377367344, "macs_ratio": 32.08111478329372, "target_ratio": 32.0}, {"name": "b6", "phi": 6.0, "depth": 1.0, "width": 7.762500000006892, "resolution": 231, "dropout": 0.5, "repeats": [1, 2, 2, 3, 3, 4, 1], "channels": [248, 128, 184, 312, 624, 872, 1488, 2488, 9936], "params": 239157000, "macs": 24692874192, "macs_ratio": 64.00189226564359, "target_ratio": 64.0}, {"name": "b7", "phi": 7.0, "depth": 1.0, "width": 10.964285714333755, "resolution": 233, "dropout": 0.5, "repeats": [1, 2, 2, 3, 3, 4, 1], "channels": [352, 176, 264, 440, 880, 1232, 2104, 3512, 14032], "params": 470743556, "macs": 49498227008, "macs_ratio": 128.29531984303182, "target_ratio": 128.0}]}}','{"steps": null, "mean": null, "worse": null, "choice": {"name": "choice", "shares": [0.0, 0.9846706267333091, 0.015329373266690935], "words": "The choice: d16-w320-r6-2f5738, width 98% and resolution 2%; expected accuracy 14.1%"}, "marks": [{"name": "paper and equal", "shares": [0.6545891586341871, 0.3454108413658129, 0.0], "words": "Nearest to the paper\u2019s shares: d26-w320-r5-212805, depth 65% and width 35%\nNearest to equal shares: d26-w320-r5-212805, depth 65% and width 35%"}, {"name": "fast", "shares": [0.0, 0.9846706267333091, 0.015329373266690935], "words": "Nearest to fast scaling\u2019s shares: d16-w320-r6-2f5738, width 98% and resolution 2%"}, {"name": "", "shares": [1.0, 0.0, 0.0], "words": "Nearest to depth alone: d32-w264-r5-ac1466, depth alone"}, {"name": "", "shares": [0.0, 1.0, 0.0], "words": "Nearest to width alone: d16-w372-r5-2dad76, width alone"}, {"name": "", "shares": [0.0, 0.0, 1.0], "words": "Nearest to resolution alone: d16-w264-r7-90b5e3, resolution alone"}], "corners": ["alone: not run", "alone: 12.5%", "alone: 7.8%"], "headline": "Best seen so far: width 98% and resolution 2%", "title": "4 networks ran: 7.8% to 14.1%", "note": "Each point of the triangle is a way to spend the doubling: the nearer a corner, the more goes to its axis; ticks mark quarters. No surface is fitted: these networks differ in real cost.", "paragraphs": [["What is chosen.", "Spend each doubling of cost on width 98% and resolution 2%. For efficientnet_b0 at 224 px that is \u03b1 = 1.000 (depth), \u03b2 = 1.313 (width), \u03b3 = 1.004 (resolution). It is the best observed mean of 4 networks (4 runs), not a fit."], ["How sure that is.", "Its accuracy in runs this short is expected to be 14.1% (90% interval 13.4% to 14.7%), which is optimistic: the best of several noisy means always is."], ["What it cannot tell apart.", "More accurate from more expensive: on this nominal grid the networks really cost from 1.07\u00d7 to 2.39\u00d7 the base, so their accuracies partly rank their cost. No network is ruled out."], ["What would make it surer.", "A search at equal real cost (<code>budget: {mode: real}</code> in the spec)."]]}');
INSERT INTO "choice" VALUES(2,1,'2026-11-26 09:09:54.570481',8,'best mean',1.96875,1.0,1.0,'[1.0, 0.0, 0.0]',0.140625,'{"alpha": 1.96875, "beta": 1.0, "gamma": 1.0, "product": 1.96875, "shares": [1.0, 0.0, 0.0], "key": "d32-w264-r5-ac1466", "accuracy": 0.140625, "accuracy_interval": [0.0951878650370363, 0.1860621349629637], "method": "best mean", "runs": 8, "networks": 6, "seed_noise": 2.7621358640099514, "network_effect": null, "expected_regret": null, "tie_region": [{"key": "d16-w264-r7-90b5e3", "shares": [0.0, 0.0, 1.0]}, {"key": "d16-w320-r6-2f5738", "shares": [0.0, 0.9846706267333091, 0.015329373266690935]}, {"key": "d16-w372-r5-2dad76", "shares": [0.0, 1.0, 0.0]}, {"key": "d26-w264-r6-7e8d18", "shares": [0.9947314430917678, 0.0, 0.005268556908232281]}, {"key": "d26-w320-r5-212805", "shares": [0.6545891586341871, 0.3454108413658129, 0.0]}, {"key": "d32-w264-r5-ac1466", "shares": [1.0, 0.0, 0.0]}], "tie_fraction": 1.0, "probability_better_than": {}, "verdict": "these networks differ in real cost, so accuracy partly ranks their cost: the best observed mean, as in the literature", "optima": [], "cross_check": null, "lack_of_fit": null, "movement": null, "warnings": [], "intervals": null, "network": {"base": "efficientnet_b0", "stem": 4, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 4, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 6, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 10, "blocks": 6}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 14, "blocks": 6}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 24, "blocks": 8}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 40, "blocks": 2}], "head": 160, "resolution": 5, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}, "family": {"base": "efficientnet_b0", "rounding": "nearest", "alpha": 1.96875, "beta": 1.0, "gamma": 1.0, "models": [{"name": "b0", "phi": 0.0, "depth": 1.0, "width": 1.0, "resolution": 224, "dropout": 0.2, "repeats": [1, 2, 2, 3, 3, 4, 1], "channels": [32, 16, 24, 40, 80, 112, 192, 320, 1280], "params": 5288548, "macs": 385814752, "macs_ratio": 1.0, "target_ratio": 1.0}, {"name": "b1", "phi": 0.5, "depth": 1.5, "width": 1.0, "resolution": 224, "dropout": 0.2, "repeats": [2, 3, 3, 5, 4, 6, 1], "channels": [32, 16, 24, 40, 80, 112, 192, 320, 1280], "params": 6921436, "macs": 547403104, "macs_ratio": 1.4188236742176203, "target_ratio": 1.4142135623730951}, {"name": "b2", "phi": 1.0, "depth": 1.9375, "width": 1.025, "resolution": 224, "dropout": 0.3, "repeats": [2, 4, 4, 6, 6, 7, 2], "channels": [32, 16, 24, 40, 80, 112, 200, 328, 1312], "params": 10116536, "macs": 777101280, "macs_ratio": 2.0141823918645807, "target_ratio": 2.0}, {"name": "b3", "phi": 2.0, "depth": 3.9375, "width": 1.0, "resolution": 224, "dropout": 0.3, "repeats": [4, 8, 8, 12, 12, 15, 4], "channels": [32, 16, 24, 40, 80, 112, 192, 320, 1280], "params": 19503904, "macs": 1551934816, "macs_ratio": 4.022486978413931, "target_ratio": 4.0}, {"name": "b4", "phi": 3.5, "depth": 11.0625, "width": 1.0, "resolution": 224, "dropout": 0.4, "repeats": [11, 22, 22, 33, 33, 45, 11], "channels": [32, 16, 24, 40, 80, 112, 192, 320, 1280], "params": 55220860, "macs": 4373405536, "macs_ratio": 11.335506258713508, "target_ratio": 11.313708498984761}, {"name": "b5", "phi": 5.0, "depth": 31.1875, "width": 1.0, "resolution": 224, "dropout": 0.4, "repeats": [31, 62, 62, 94, 94, 125, 31], "channels": [32, 16, 24, 40, 80, 112, 192, 320, 1280], "params": 154221052, "macs": 12350944096, "macs_ratio": 32.01262790490707, "target_ratio": 32.0}, {"name": "b6", "phi": 6.0, "depth": 62.375, "width": 1.0, "resolution": 224, "dropout": 0.5, "repeats": [62, 125, 125, 187, 187, 250, 62], "channels": [32, 16, 24, 40, 80, 112, 192, 320, 1280], "params": 307818520, "macs": 24709263712, "macs_ratio": 64.044372549031, "target_ratio": 64.0}, {"name": "b7", "phi": 7.0, "depth": 124.625, "width": 1.0, "resolution": 224, "dropout": 0.5, "repeats": [125, 249, 249, 374, 374, 498, 125], "channels": [32, 16, 24, 40, 80, 112, 192, 320, 1280], "params": 615629236, "macs": 49403635552, "macs_ratio": 128.05014659470564, "target_ratio": 128.0}]}}','{"steps": null, "mean": null, "worse": null, "choice": {"name": "choice", "shares": [1.0, 0.0, 0.0], "words": "The choice: d32-w264-r5-ac1466, depth alone; expected accuracy 14.1%"}, "marks": [{"name": "paper and equal", "shares": [0.6545891586341871, 0.3454108413658129, 0.0], "words": "Nearest to the paper\u2019s shares: d26-w320-r5-212805, depth 65% and width 35%\nNearest to equal shares: d26-w320-r5-212805, depth 65% and width 35%"}, {"name": "fast", "shares": [0.0, 0.9846706267333091, 0.015329373266690935], "words": "Nearest to fast scaling\u2019s shares: d16-w320-r6-2f5738, width 98% and resolution 2%"}, {"name": "", "shares": [1.0, 0.0, 0.0], "words": "Nearest to depth alone: d32-w264-r5-ac1466, depth alone"}, {"name": "", "shares": [0.0, 1.0, 0.0], "words": "Nearest to width alone: d16-w372-r5-2dad76, width alone"}, {"name": "", "shares": [0.0, 0.0, 1.0], "words": "Nearest to resolution alone: d16-w264-r7-90b5e3, resolution alone"}], "corners": ["alone: 14.1%", "alone: 12.5%", "alone: 8.2%"], "headline": "Best seen so far: depth alone", "title": "6 networks ran: 8.2% to 14.1%", "note": "Each point of the triangle is a way to spend the doubling: the nearer a corner, the more goes to its axis; ticks mark quarters. No surface is fitted: these networks differ in real cost.", "paragraphs": [["What is chosen.", "Spend each doubling of cost on depth alone. For efficientnet_b0 at 224 px that is \u03b1 = 1.969 (depth), \u03b2 = 1.000 (width), \u03b3 = 1.000 (resolution). It is the best observed mean of 6 networks (8 runs), not a fit."], ["How sure that is.", "Its accuracy in runs this short is expected to be 14.1% (90% interval 9.5% to 18.6%), which is optimistic: the best of several noisy means always is."], ["What it cannot tell apart.", "More accurate from more expensive: on this nominal grid the networks really cost from 1.07\u00d7 to 2.39\u00d7 the base, so their accuracies partly rank their cost. No network is ruled out."], ["What would make it surer.", "A search at equal real cost (<code>budget: {mode: real}</code> in the spec)."]]}');
CREATE TABLE delivery (
	id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	payload JSON NOT NULL, 
	attempts INTEGER NOT NULL, 
	due_at DATETIME NOT NULL, 
	delivered_at DATETIME, 
	error VARCHAR, 
	CONSTRAINT pk_delivery PRIMARY KEY (id), 
	CONSTRAINT fk_delivery_study_id FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE
);
CREATE TABLE epoch (
	trial_id INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	train_loss DOUBLE NOT NULL, 
	validation_loss DOUBLE NOT NULL, 
	accuracy DOUBLE NOT NULL, 
	learning_rate DOUBLE NOT NULL, 
	seconds DOUBLE NOT NULL, 
	images_per_second DOUBLE NOT NULL, 
	CONSTRAINT pk_epoch PRIMARY KEY (trial_id, attempt, epoch), 
	CONSTRAINT fk_epoch_trial_id FOREIGN KEY(trial_id) REFERENCES trial (id) ON DELETE CASCADE
);
INSERT INTO "epoch" VALUES(4,1,0,2.65233707427978515625e+00,2.3005275726318359375e+00,0.0859375,0.004,2.2842283500040139188e-01,6.63333845948799421437e+02);
INSERT INTO "epoch" VALUES(4,1,1,2.20560741424560546875e+00,2.29885935783386230468e+00,0.125,0.0,1.20448949000092397909e-01,1.34978238608236574696e+03);
INSERT INTO "epoch" VALUES(5,1,0,2.55145406723022460937e+00,2.30148983001709,0.109375,0.004,2.51470817999688733834e-01,6.33477494005832568284e+02);
INSERT INTO "epoch" VALUES(5,1,1,2.31036615371704101562e+00,2.30341744422912597656e+00,0.109375,0.0,2.20264061999841942451e-01,6.96514932575877651274e+02);
INSERT INTO "epoch" VALUES(3,1,0,2.633815765380859375e+00,2.30105686187744140625e+00,0.140625,0.004,2.06831465000050229718e-01,7.41632016759351245108e+02);
INSERT INTO "epoch" VALUES(3,1,1,2.4103069305419921875e+00,2.29838538169860839843e+00,0.140625,0.0,1.21803840000211494043e-01,1.30251077267726418542e+03);
INSERT INTO "epoch" VALUES(2,1,0,2.52507352828979492187e+00,2.30041599273681640625e+00,0.078125,0.004,2.25996327000302699161e-01,7.20505826612193800428e+02);
INSERT INTO "epoch" VALUES(2,1,1,2.32284092903137207031e+00,2.29737138748168945312e+00,0.078125,0.0,1.21846653999909904086e-01,1.30537817030272208286e+03);
INSERT INTO "epoch" VALUES(1,1,0,2.51680755615234375e+00,2.30003380775451660156e+00,0.140625,0.004,1.88848435000181780196e-01,8.50099565920191139415e+02);
INSERT INTO "epoch" VALUES(1,1,1,2.36838459968566894531e+00,2.29542136192321777343e+00,0.140625,0.0,2.05851986000197939574e-01,7.71234444661245106562e+02);
INSERT INTO "epoch" VALUES(7,1,0,2.55886030197143554687e+00,2.3032207489013671875e+00,0.140625,0.004,5.66324061000159417744e-01,2.96647360593518840234e+02);
INSERT INTO "epoch" VALUES(7,1,1,2.33783245086669921875e+00,2.30215716361999511718e+00,0.140625,0.0,3.19271545999981753993e-01,4.67793319833217708476e+02);
INSERT INTO "epoch" VALUES(6,1,0,2.71823596954345703125e+00,2.30014300346374511718e+00,0.0859375,0.004,5.1035797500026092166e-01,3.01446186903931391044e+02);
INSERT INTO "epoch" VALUES(6,1,1,2.27282619476318359375e+00,2.29957365989685058593e+00,0.0859375,0.0,2.41696715000216499902e-01,7.03775924432283090954e+02);
INSERT INTO "epoch" VALUES(9,1,0,2.6920166015625,2.30424141883850097656e+00,0.0859375,0.004,2.53738669000085792504e-01,573.815472160163);
INSERT INTO "epoch" VALUES(9,1,1,2.26939439773559570312e+00,2.30099940299987792968e+00,0.0859375,0.0,1.03057424999860813841e-01,1.47245255240518417854e+03);
INSERT INTO "epoch" VALUES(8,1,0,2.61043071746826171875e+00,2.30594468116760253906e+00,0.09375,0.004,1.52980841000044165411e-01,9.84224223622620456811e+02);
INSERT INTO "epoch" VALUES(8,1,1,2.29816436767578125e+00,2.31408977508544921875e+00,0.0859375,0.0,5.88904890000776504166e-02,2.59272516967633282554e+03);
CREATE TABLE event (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	study_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	kind VARCHAR NOT NULL, 
	data JSON NOT NULL, 
	CONSTRAINT fk_event_study_id FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE
);
INSERT INTO "event" VALUES(1,1,'2026-11-26 09:09:43.758670','state','{"state": "running", "reason": null}');
INSERT INTO "event" VALUES(2,1,'2026-11-26 09:09:43.784928','runs','{"started": [4, 3], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(3,1,'2026-11-26 09:09:47.431786','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(4,1,'2026-11-26 09:09:47.811746','runs','{"started": [], "epochs": [[3, 0, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(5,1,'2026-11-26 09:09:47.879709','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(6,1,'2026-11-26 09:09:48.011934','runs','{"started": [], "epochs": [[3, 1, 0.125]], "ended": [[3, "complete"]]}');
INSERT INTO "event" VALUES(7,1,'2026-11-26 09:09:48.023653','runs','{"started": [2], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(8,1,'2026-11-26 09:09:48.307752','runs','{"started": [], "epochs": [[4, 0, 0.109375]], "ended": []}');
INSERT INTO "event" VALUES(9,1,'2026-11-26 09:09:48.635341','runs','{"started": [], "epochs": [[4, 1, 0.109375]], "ended": [[4, "complete"]]}');
INSERT INTO "event" VALUES(10,1,'2026-11-26 09:09:48.643774','runs','{"started": [1], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(11,1,'2026-11-26 09:09:48.787301','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(12,1,'2026-11-26 09:09:49.119758','runs','{"started": [], "epochs": [[2, 0, 0.140625]], "ended": []}');
INSERT INTO "event" VALUES(13,1,'2026-11-26 09:09:49.283747','runs','{"started": [], "epochs": [[2, 1, 0.140625]], "ended": []}');
INSERT INTO "event" VALUES(14,1,'2026-11-26 09:09:49.319901','runs','{"started": [], "epochs": [], "ended": [[2, "complete"]]}');
INSERT INTO "event" VALUES(15,1,'2026-11-26 09:09:49.323504','runs','{"started": [0], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(16,1,'2026-11-26 09:09:49.404819','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(17,1,'2026-11-26 09:09:49.775731','runs','{"started": [], "epochs": [[1, 0, 0.078125]], "ended": []}');
INSERT INTO "event" VALUES(18,1,'2026-11-26 09:09:49.973911','runs','{"started": [], "epochs": [[1, 1, 0.078125]], "ended": [[1, "complete"]]}');
INSERT INTO "event" VALUES(19,1,'2026-11-26 09:09:49.985106','runs','{"started": [6], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(20,1,'2026-11-26 09:09:50.181369','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(21,1,'2026-11-26 09:09:50.507738','runs','{"started": [], "epochs": [[0, 0, 0.140625]], "ended": []}');
INSERT INTO "event" VALUES(22,1,'2026-11-26 09:09:50.871001','runs','{"started": [], "epochs": [[0, 1, 0.140625]], "ended": [[0, "complete"]]}');
INSERT INTO "event" VALUES(23,1,'2026-11-26 09:09:50.955461','choice','{"after_trials": 4}');
INSERT INTO "event" VALUES(24,1,'2026-11-26 09:09:50.959765','runs','{"started": [5], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(25,1,'2026-11-26 09:09:51.777977','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(26,1,'2026-11-26 09:09:52.367918','runs','{"started": [], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(27,1,'2026-11-26 09:09:52.735980','runs','{"started": [], "epochs": [[6, 0, 0.140625]], "ended": []}');
INSERT INTO "event" VALUES(28,1,'2026-11-26 09:09:53.212210','runs','{"started": [], "epochs": [[6, 1, 0.140625]], "ended": [[6, "complete"]]}');
INSERT INTO "event" VALUES(29,1,'2026-11-26 09:09:53.215487','runs','{"started": [8], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(30,1,'2026-11-26 09:09:53.238419','runs','{"started": [], "epochs": [[5, 0, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(31,1,'2026-11-26 09:09:53.599915','runs','{"started": [], "epochs": [[5, 1, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(32,1,'2026-11-26 09:09:53.664087','runs','{"started": [], "epochs": [], "ended": [[5, "complete"]]}');
INSERT INTO "event" VALUES(33,1,'2026-11-26 09:09:53.666582','runs','{"started": [7], "epochs": [], "ended": []}');
INSERT INTO "event" VALUES(34,1,'2026-11-26 09:09:53.702094','runs','{"started": [], "epochs": [[8, 0, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(35,1,'2026-11-26 09:09:53.819742','runs','{"started": [], "epochs": [[8, 1, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(36,1,'2026-11-26 09:09:53.861519','runs','{"started": [], "epochs": [], "ended": [[8, "complete"]]}');
INSERT INTO "event" VALUES(37,1,'2026-11-26 09:09:54.027753','runs','{"started": [], "epochs": [[7, 0, 0.09375]], "ended": []}');
INSERT INTO "event" VALUES(38,1,'2026-11-26 09:09:54.104759','runs','{"started": [], "epochs": [[7, 1, 0.0859375]], "ended": []}');
INSERT INTO "event" VALUES(39,1,'2026-11-26 09:09:54.133918','runs','{"started": [], "epochs": [], "ended": [[7, "complete"]]}');
INSERT INTO "event" VALUES(40,1,'2026-11-26 09:09:54.571307','choice','{"after_trials": 8}');
INSERT INTO "event" VALUES(41,1,'2026-11-26 09:09:54.573197','state','{"state": "complete", "reason": null}');
CREATE TABLE family_member (
	id INTEGER NOT NULL, 
	choice_id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	phi DOUBLE NOT NULL, 
	depth DOUBLE NOT NULL, 
	width DOUBLE NOT NULL, 
	resolution INTEGER NOT NULL, 
	dropout DOUBLE NOT NULL, 
	repeats JSON NOT NULL, 
	channels JSON NOT NULL, 
	params BIGINT NOT NULL, 
	macs BIGINT NOT NULL, 
	macs_ratio DOUBLE NOT NULL, 
	target_ratio DOUBLE NOT NULL, 
	CONSTRAINT pk_family_member PRIMARY KEY (id), 
	CONSTRAINT fk_family_member_choice_id FOREIGN KEY(choice_id) REFERENCES choice (id) ON DELETE CASCADE
);
INSERT INTO "family_member" VALUES(1,1,'b0',0.0,1.0,1.0,224,0.2,'[1, 2, 2, 3, 3, 4, 1]','[32, 16, 24, 40, 80, 112, 192, 320, 1280]',5288548,385814752,1.0,1.0);
INSERT INTO "family_member" VALUES(2,1,'b1',0.5,1.0,1.11936437936364407974e+00,225,0.2,'[1, 2, 2, 3, 3, 4, 1]','[32, 16, 24, 48, 88, 128, 216, 360, 1432]',6479522,546233072,1.41579104782390485794e+00,1.41421356237309514547e+00);
INSERT INTO "family_member" VALUES(3,1,'b2',1.0,1.0,1.31250000000006528111e+00,225,0.3,'[1, 2, 2, 3, 3, 4, 1]','[40, 24, 32, 56, 104, 144, 256, 424, 1680]',8591414,774570944,2.00762396975427215295e+00,2.0);
INSERT INTO "family_member" VALUES(4,1,'b3',2.0,1.0,1.8833928571453359968e+00,231,0.3,'[1, 2, 2, 3, 3, 4, 1]','[64, 32, 48, 72, 152, 208, 360, 600, 2408]',16103330,1537261296,3.98445442542331829116e+00,4.0);
INSERT INTO "family_member" VALUES(5,1,'b4',3.5,1.0,3.23375000000779744269e+00,233,0.4,'[1, 2, 2, 3, 3, 4, 1]','[104, 48, 80, 128, 256, 360, 624, 1032, 4136]',44422860,4377091744,1.13450606056660063813e+01,1.13137084989847611635e+01);
INSERT INTO "family_member" VALUES(6,1,'b5',5.0,1.0,5.47250000001127112625e+00,233,0.4,'[1, 2, 2, 3, 3, 4, 1]','[176, 88, 128, 216, 440, 616, 1048, 1752, 7008]',121159190,12377367344,3.2081114783293720905e+01,32.0);
INSERT INTO "family_member" VALUES(7,1,'b6',6.0,1.0,7.76250000000689244217e+00,231,0.5,'[1, 2, 2, 3, 3, 4, 1]','[248, 128, 184, 312, 624, 872, 1488, 2488, 9936]',239157000,24692874192,6.40018922656435904636e+01,64.0);
INSERT INTO "family_member" VALUES(8,1,'b7',7.0,1.0,1.09642857143337550955e+01,233,0.5,'[1, 2, 2, 3, 3, 4, 1]','[352, 176, 264, 440, 880, 1232, 2104, 3512, 14032]',470743556,49498227008,1.28295319843031819574e+02,128.0);
INSERT INTO "family_member" VALUES(9,2,'b0',0.0,1.0,1.0,224,0.2,'[1, 2, 2, 3, 3, 4, 1]','[32, 16, 24, 40, 80, 112, 192, 320, 1280]',5288548,385814752,1.0,1.0);
INSERT INTO "family_member" VALUES(10,2,'b1',0.5,1.5,1.0,224,0.2,'[2, 3, 3, 5, 4, 6, 1]','[32, 16, 24, 40, 80, 112, 192, 320, 1280]',6921436,547403104,1.41882367421762034531e+00,1.41421356237309514547e+00);
INSERT INTO "family_member" VALUES(11,2,'b2',1.0,1.9375,1.025,224,0.3,'[2, 4, 4, 6, 6, 7, 2]','[32, 16, 24, 40, 80, 112, 200, 328, 1312]',10116536,777101280,2.01418239186458070122e+00,2.0);
INSERT INTO "family_member" VALUES(12,2,'b3',2.0,3.9375,1.0,224,0.3,'[4, 8, 8, 12, 12, 15, 4]','[32, 16, 24, 40, 80, 112, 192, 320, 1280]',19503904,1551934816,4.02248697841393099139e+00,4.0);
INSERT INTO "family_member" VALUES(13,2,'b4',3.5,11.0625,1.0,224,0.4,'[11, 22, 22, 33, 33, 45, 11]','[32, 16, 24, 40, 80, 112, 192, 320, 1280]',55220860,4373405536,1.1335506258713508032e+01,1.13137084989847611635e+01);
INSERT INTO "family_member" VALUES(14,2,'b5',5.0,31.1875,1.0,224,0.4,'[31, 62, 62, 94, 94, 125, 31]','[32, 16, 24, 40, 80, 112, 192, 320, 1280]',154221052,12350944096,3.20126279049070703317e+01,32.0);
INSERT INTO "family_member" VALUES(15,2,'b6',6.0,62.375,1.0,224,0.5,'[62, 125, 125, 187, 187, 250, 62]','[32, 16, 24, 40, 80, 112, 192, 320, 1280]',307818520,24709263712,64.044372549031,64.0);
INSERT INTO "family_member" VALUES(16,2,'b7',7.0,124.625,1.0,224,0.5,'[125, 249, 249, 374, 374, 498, 125]','[32, 16, 24, 40, 80, 112, 192, 320, 1280]',615629236,49403635552,1.28050146594705637425e+02,128.0);
CREATE TABLE scaling_search_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT scaling_search_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "scaling_search_version" VALUES('0005');
CREATE TABLE session (
	hash VARCHAR NOT NULL, 
	token_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_session PRIMARY KEY (hash), 
	CONSTRAINT fk_session_token_id FOREIGN KEY(token_id) REFERENCES token (id) ON DELETE CASCADE
);
CREATE TABLE study (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	description VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	reason VARCHAR, 
	spec JSON NOT NULL, 
	spec_hash VARCHAR NOT NULL, 
	versions JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	started_at DATETIME, 
	finished_at DATETIME, 
	owner VARCHAR, 
	lease_until DOUBLE, 
	fence INTEGER NOT NULL, launched_by VARCHAR, priority INTEGER DEFAULT '0' NOT NULL, request VARCHAR, slots INTEGER, archived BOOLEAN DEFAULT 0 NOT NULL, webhook VARCHAR, 
	CONSTRAINT pk_study PRIMARY KEY (id), 
	CONSTRAINT uq_study_name UNIQUE (name)
);
INSERT INTO "study" VALUES(1,'nominal','','complete',NULL,'{"name": "nominal", "description": "", "base": {"network": "efficientnet_b0", "table": null, "factory": null, "width": 0.125, "resolution": 5, "strides": [1, 1, 2, 1, 2, 1, 1, 1]}, "budget": {"mode": "nominal", "cost": "macs", "latency_batch": 1, "target": 2.0, "tolerance": 0.02, "rounding": "official", "divisor": 2, "step": 0.2, "slack": 0.2}, "search": {"sampler": "lattice", "pruner": "none", "trials": 8, "replicates": 0, "base_runs": 1, "round": 4, "seed": 0, "patience": null, "indifference": 0.2, "stages": null}, "proxy": {"dataset": "digits", "root": null, "classes": null, "channels": null, "stored_px": 320, "cache_gb": 8.0, "workers": null, "train_size": 128, "validation_size": 128, "split_seed": 0, "epochs": 2, "batch_size": 64, "learning_rate": 0.004, "depth_exponent": 0.0, "weight_decay": 0.05, "warmup": 0.3, "label_smoothing": 0.1, "dropout": 0.0, "stochastic_depth": 0.0, "flip": false, "crop": 1}, "family": {"base": "efficientnet_b0", "resolution": 224, "phi": [0.5, 1.0, 2.0, 3.5, 5.0, 6.0, 7.0], "rounding": "nearest", "divisor": 8}, "run": {"engine": "local", "address": null, "cpus": 1.0, "gpus": 0.0, "resources": {}, "slots": null, "max_failures": 5, "max_failures_in_row": 3, "checkpoints": null, "keep_checkpoints": false, "max_hours": null}, "validation": null}','cf88879fc5d72aafc83a0561b4961ac3a7750d016bbb4509c44b00ae2d1268f5','{"scaling-search": "0.1.0", "torch": "2.14.1", "torchvision": "0.29.1", "optuna": "5.0.0", "fvcore": "0.1.5.post20221221", "numpy": "2.4.6", "pandas": "3.1.1", "sqlalchemy": "2.1.9"}','2026-11-26 09:09:43.707693','2026-11-26 09:09:43.757541','2026-11-26 09:09:54.572208',NULL,NULL,1,NULL,0,NULL,NULL,0,NULL);
CREATE TABLE token (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	hash VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME, 
	revoked_at DATETIME, 
	used_at DATETIME, 
	CONSTRAINT pk_token PRIMARY KEY (id), 
	CONSTRAINT uq_token_hash UNIQUE (hash)
);
CREATE TABLE trial (
	id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	round INTEGER NOT NULL, 
	role VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	seed BIGINT NOT NULL, 
	alpha DOUBLE NOT NULL, 
	beta DOUBLE NOT NULL, 
	gamma DOUBLE NOT NULL, 
	"key" VARCHAR NOT NULL, 
	shares JSON, 
	depth DOUBLE NOT NULL, 
	width DOUBLE NOT NULL, 
	resolution_ratio DOUBLE NOT NULL, 
	blocks JSON NOT NULL, 
	channels JSON NOT NULL, 
	resolution INTEGER NOT NULL, 
	macs BIGINT NOT NULL, 
	macs_ratio DOUBLE NOT NULL, 
	params BIGINT NOT NULL, 
	activations BIGINT NOT NULL, 
	counted_macs BIGINT, 
	architecture JSON NOT NULL, 
	attempts INTEGER NOT NULL, 
	epochs INTEGER NOT NULL, 
	accuracy DOUBLE, 
	loss DOUBLE, 
	seconds DOUBLE, 
	error VARCHAR, 
	started_at DATETIME, 
	finished_at DATETIME, planned INTEGER, test_accuracy DOUBLE, 
	CONSTRAINT pk_trial PRIMARY KEY (id), 
	CONSTRAINT fk_trial_study_id FOREIGN KEY(study_id) REFERENCES study (id) ON DELETE CASCADE, 
	CONSTRAINT uq_trial_study_id_number UNIQUE (study_id, number)
);
INSERT INTO "trial" VALUES(1,1,0,0,'base','complete',0,1.0,1.0,1.0,'d16-w264-r5-f058a0',NULL,1.0,1.0,1.0,'[1, 2, 2, 3, 3, 4, 1]','[4, 2, 4, 6, 10, 14, 24, 40, 160]',5,319176,1.0,90375,13553,319176,'{"base": "efficientnet_b0", "stem": 4, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 1}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 4, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 6, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 10, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 14, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 24, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 40, "blocks": 1}], "head": 160, "resolution": 5, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.140625,2.29542136192321777343e+00,3.94700421000379719771e-01,NULL,'2026-11-26 09:09:49.323597','2026-11-26 09:09:50.875751',NULL,NULL);
INSERT INTO "trial" VALUES(2,1,1,0,'candidate','complete',1,1.0,1.0,1.4,'d16-w264-r7-90b5e3','[0.0, 0.0, 1.0]',1.0,1.0,1.4,'[1, 2, 2, 3, 3, 4, 1]','[4, 2, 4, 6, 10, 14, 24, 40, 160]',7,342336,1.07256184675539523176e+00,90375,15733,342336,'{"base": "efficientnet_b0", "stem": 4, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 1}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 4, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 6, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 10, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 14, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 24, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 40, "blocks": 1}], "head": 160, "resolution": 7, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.078125,2.29737138748168945312e+00,3.47842981000212603248e-01,NULL,'2026-11-26 09:09:48.643900','2026-11-26 09:09:49.974878',NULL,NULL);
INSERT INTO "trial" VALUES(3,1,2,0,'candidate','complete',2,1.0,1.2,1.2,'d16-w320-r6-2f5738','[0.0, 0.9846706267333091, 0.015329373266690935]',1.0,1.21212121212121215485e+00,1.2,'[1, 2, 2, 3, 3, 4, 1]','[6, 4, 6, 8, 12, 16, 28, 48, 192]',6,433428,1.35795924505601917076e+00,119953,17285,433428,'{"base": "efficientnet_b0", "stem": 6, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 4, "blocks": 1}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 6, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 8, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 12, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 16, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 28, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 48, "blocks": 1}], "head": 192, "resolution": 6, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.140625,2.29838538169860839843e+00,3.28635305000261723762e-01,NULL,'2026-11-26 09:09:48.023774','2026-11-26 09:09:49.320056',NULL,NULL);
INSERT INTO "trial" VALUES(4,1,3,0,'candidate','complete',3,1.0,1.4,1.0,'d16-w372-r5-2dad76','[0.0, 1.0, 0.0]',1.0,1.40909090909090917165e+00,1.0,'[1, 2, 2, 3, 3, 4, 1]','[6, 4, 6, 8, 14, 20, 34, 56, 224]',5,578592,1.81276787728400634591e+00,162412,19448,578592,'{"base": "efficientnet_b0", "stem": 6, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 4, "blocks": 1}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 6, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 8, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 14, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 20, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 34, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 56, "blocks": 1}], "head": 224, "resolution": 5, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.125,2.29885935783386230468e+00,3.4887178400049378979e-01,NULL,'2026-11-26 09:09:43.785048','2026-11-26 09:09:48.012729',NULL,NULL);
INSERT INTO "trial" VALUES(5,1,4,0,'candidate','complete',4,1.4,1.0,1.2,'d26-w264-r6-7e8d18','[0.9947314430917678, 0.0, 0.005268556908232281]',1.625,1.0,1.2,'[2, 3, 3, 5, 5, 6, 2]','[4, 2, 4, 6, 10, 14, 24, 40, 160]',6,565712,1.77241396596235301075e+00,161490,23094,565712,'{"base": "efficientnet_b0", "stem": 4, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 4, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 6, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 10, "blocks": 5}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 14, "blocks": 5}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 24, "blocks": 6}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 40, "blocks": 2}], "head": 160, "resolution": 6, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.109375,2.30341744422912597656e+00,4.71734879999530676286e-01,NULL,'2026-11-26 09:09:43.785048','2026-11-26 09:09:48.636137',NULL,NULL);
INSERT INTO "trial" VALUES(6,1,5,1,'candidate','complete',5,1.4,1.2,1.0,'d26-w320-r5-212805','[0.6545891586341871, 0.3454108413658129, 0.0]',1.625,1.21212121212121215485e+00,1.0,'[2, 3, 3, 5, 5, 6, 2]','[6, 4, 6, 8, 12, 16, 28, 48, 192]',5,763632,2.39251071509136,215801,28095,763632,'{"base": "efficientnet_b0", "stem": 6, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 4, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 6, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 8, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 12, "blocks": 5}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 16, "blocks": 5}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 28, "blocks": 6}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 48, "blocks": 2}], "head": 192, "resolution": 5, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.0859375,2.29957365989685058593e+00,7.52054690000477421563e-01,NULL,'2026-11-26 09:09:50.959854','2026-11-26 09:09:53.664380',NULL,NULL);
INSERT INTO "trial" VALUES(7,1,6,1,'candidate','complete',6,1.8,1.0,1.0,'d32-w264-r5-ac1466','[1.0, 0.0, 0.0]',2.0,1.0,1.0,'[2, 4, 4, 6, 6, 8, 2]','[4, 2, 4, 6, 10, 14, 24, 40, 160]',5,693170,2.17174850239366357129e+00,197409,28233,693170,'{"base": "efficientnet_b0", "stem": 4, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 4, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 6, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 10, "blocks": 6}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 14, "blocks": 6}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 24, "blocks": 8}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 40, "blocks": 2}], "head": 160, "resolution": 5, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.140625,2.30215716361999511718e+00,8.85595607000141171738e-01,NULL,'2026-11-26 09:09:49.985243','2026-11-26 09:09:53.213261',NULL,NULL);
INSERT INTO "trial" VALUES(8,1,7,1,'candidate','complete',7,1.0,1.0,1.4,'d16-w264-r7-90b5e3','[0.0, 0.0, 1.0]',1.0,1.0,1.4,'[1, 2, 2, 3, 3, 4, 1]','[4, 2, 4, 6, 10, 14, 24, 40, 160]',7,342336,1.07256184675539523176e+00,90375,15733,NULL,'{"base": "efficientnet_b0", "stem": 4, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 2, "blocks": 1}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 4, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 6, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 10, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 14, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 24, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 40, "blocks": 1}], "head": 160, "resolution": 7, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.0859375,2.31408977508544921875e+00,2.11871330000121815828e-01,NULL,'2026-11-26 09:09:53.666683','2026-11-26 09:09:54.134071',NULL,NULL);
INSERT INTO "trial" VALUES(9,1,8,1,'candidate','complete',8,1.0,1.2,1.2,'d16-w320-r6-2f5738','[0.0, 0.9846706267333091, 0.015329373266690935]',1.0,1.21212121212121215485e+00,1.2,'[1, 2, 2, 3, 3, 4, 1]','[6, 4, 6, 8, 12, 16, 28, 48, 192]',6,433428,1.35795924505601917076e+00,119953,17285,NULL,'{"base": "efficientnet_b0", "stem": 6, "stem_stride": 1, "stages": [{"block": "mbconv", "expand": 1, "kernel": 3, "stride": 1, "channels": 4, "blocks": 1}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 6, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 8, "blocks": 2}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 2, "channels": 12, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 16, "blocks": 3}, {"block": "mbconv", "expand": 6, "kernel": 5, "stride": 1, "channels": 28, "blocks": 4}, {"block": "mbconv", "expand": 6, "kernel": 3, "stride": 1, "channels": 48, "blocks": 1}], "head": 192, "resolution": 6, "classes": 10, "image_channels": 1, "style": "efficientnet", "fixed": [], "factory": null}',1,2,0.0859375,2.30099940299987792968e+00,3.56796093999946606345e-01,NULL,'2026-11-26 09:09:53.215607','2026-11-26 09:09:53.861679',NULL,NULL);
CREATE TABLE worker (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	host VARCHAR NOT NULL, 
	pid INTEGER NOT NULL, 
	slots INTEGER NOT NULL, 
	started_at DATETIME NOT NULL, 
	beat_at DOUBLE NOT NULL
);
CREATE INDEX ix_trial_study_id_state ON trial (study_id, state);
CREATE INDEX ix_choice_study_id ON choice (study_id);
CREATE INDEX ix_family_member_choice_id ON family_member (choice_id);
CREATE INDEX ix_study_created_at ON study (created_at);
CREATE INDEX ix_event_study_id_id ON event (study_id, id);
CREATE INDEX ix_delivery_due_at ON delivery (due_at);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('event',41);
COMMIT;
